/*
 * pgtap.h
 *		The tests that pgTAP counts in this session, and those of a section.
 *
 * pgTAP keeps a plan and the number of the last test in temporary tables and
 * sequences.  A verify section has a plan of its own: that of who calls migr
 * amid his own tests is out of its sight meanwhile, and as it was afterwards.
 *
 * Private to exec.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_PGTAP_H
#define MIGR_PGTAP_H

#define MIGR_PGTAP_SEQUENCES 2

/* Where the caller's counters were, if they could not be put aside. */
typedef struct MigrPgtap
{
	Oid			sequences[MIGR_PGTAP_SEQUENCES];
	int64		last[MIGR_PGTAP_SEQUENCES];
	bool		called[MIGR_PGTAP_SEQUENCES];
} MigrPgtap;

/* Before the subtransaction of a section, and behind its rollback. */
extern void migr_pgtap_note(MigrPgtap *noted);
extern void migr_pgtap_restore(const MigrPgtap *noted);

/* In the subtransaction: put the caller's plan aside until its rollback. */
extern void migr_pgtap_put_aside(void);

/*
 * pgTAP's assertions want a plan.  A section that makes none gets one that
 * counts nothing, as soon as pgTAP is what no_plan() means there: the section
 * may set the search_path first.
 */
extern void migr_pgtap_plan(void);

#endif							/* MIGR_PGTAP_H */
