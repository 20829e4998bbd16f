/* SPDX-License-Identifier: GPL-2.0 */
/* What the parts of the world share. */
#ifndef FT_TEST_WORLD_PARTS_H
#define FT_TEST_WORLD_PARTS_H

#include "support/world.h"

enum hold_kind { HOLD_PLAIN, HOLD_PIN, HOLD_BEFORE, HOLD_PIPE, HOLD_BATCH, HOLD_ISOLATION };

extern const uint32_t world_tasks[WORLD_TASKS];

bool world__lives(const struct world *w, uint32_t pid);
bool world__is_commands(uint32_t pid);
bool world__is_kind(const struct hold *h, enum hold_kind kind);
enum scene_site world__get_site(unsigned int arg);

/* By the task that the scene has. The folio dies with its last reference. */
void world__op(struct world *w, struct world_folio *f, enum scene_site site, int delta);
void world__pin(struct world *w, struct world_folio *f, bool two_steps);
void world__unpin(struct world *w, struct world_folio *f);
void world__map(struct world *w, struct world_folio *f);
void world__unmap(struct world *w, struct world_folio *f);
void world__forget(struct world_folio *f, struct hold *h);
void world__release(struct world *w, struct world_folio *f, struct hold *h, uint32_t by);

/* The fault of the plan, if it is possible on this folio. */
void world__plant(struct world *w, struct world_folio *f, const struct deed *d);

#endif /* FT_TEST_WORLD_PARTS_H */
