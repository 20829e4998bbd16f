/* SPDX-License-Identifier: GPL-2.0 */
/* The model: what the core makes of a capture, and what can be asked of it. */
#ifndef FT_MODEL_H
#define FT_MODEL_H

#include "folio.h"
#include "names.h"
#include "query.h"
#include "run.h"

#endif /* FT_MODEL_H */
