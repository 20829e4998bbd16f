# SPDX-License-Identifier: GPL-2.0
# complete.zsh DIR LINE: what zsh makes of LINE and a tab, with the completions in DIR, as <LINE>.
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "fpath=(${(q)1} \$fpath) PS1= TERM=dumb; autoload -Uz compinit; compinit -D -u
show() { zle -I; print -r -- \"<\$BUFFER>\"; BUFFER=; }; zle -N show; bindkey '^X' show
bindkey '^I' complete-word; print REA''DY"
zpty -r shell said '*READY*'
zpty -w -n shell "$2"$'\t\C-x'
zpty -r shell said '*<*>*'
print -r -- "${said##*<}" | sed 's/^/</; s/>.*/>/'
zpty -d shell
