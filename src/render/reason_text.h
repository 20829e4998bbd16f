/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FT_RENDER_REASON_TEXT_H
#define FT_RENDER_REASON_TEXT_H

struct reason_text {
	char s[2048]; /* "" if there is no reason; cut off at its end, by absurd symbols only */
};

#endif /* FT_RENDER_REASON_TEXT_H */
