/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FT_CORE_LEDGER_CONSERVATION_CHECK_H
#define FT_CORE_LEDGER_CONSERVATION_CHECK_H

#include "model.h"

/* Checks the nr records of one lifetime, in order of number and each once. *out is
 * unchecked where the run is not exact, or there are no two counts to check with. */
void ft_conservation__check(const struct ft_run *run, const struct ft_wire_event *const *step,
			    size_t nr, struct ft_conservation *out);

#endif /* FT_CORE_LEDGER_CONSERVATION_CHECK_H */
