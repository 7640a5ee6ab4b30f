/*
 * worker_serve.c
 *		A background worker that serves one session: the worker's end.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/xact.h"
#include "libpq/pqformat.h"
#include "libpq/pqmq.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "storage/dsm.h"
#include "storage/ipc.h"
#include "storage/proc.h"
#include "storage/shm_mq.h"
#include "storage/shm_toc.h"
#include "tcop/tcopprot.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/resowner.h"

#include "base/compat.h"
#include "base/worker.h"
#include "base/worker_segment.h"

/* This process serves one session, all its life. */
static const MigrWorkerHeader *header;
static shm_mq_handle *requests;

static void
set(const char *name, const char *value)
{
	(void) set_config_option(name, value, PGC_SUSET, PGC_S_SESSION,
							 GUC_ACTION_SET, true, 0, false);
}

/*
 * Whatever client_encoding a script has set, the session reads our own.  It logs
 * what it reads; only how we end is told by nobody else.
 */
static void
address_session(ErrorData *error)
{
	SetClientEncoding(GetDatabaseEncoding());
	error->output_to_server = error->elevel > FATAL;
}

/*
 * What it says goes to the session, by address_session(); and its
 * transactions are ordinary ones, whatever the role's settings are.
 */
static void
pin_settings(void)
{
	set("log_min_messages", "info");
	set("log_min_error_statement", "panic");
	set("default_transaction_isolation", "read committed");
	set("default_transaction_read_only", "off");
	set("default_transaction_deferrable", "off");
	set("statement_timeout", "0");
	set("idle_in_transaction_session_timeout", "0");
	set("exit_on_error", "off");
	if (GetConfigOption("transaction_timeout", true, false))
		set("transaction_timeout", "0");
	emit_log_hook = address_session;
}

void
migr_worker_connect(Datum main_arg)
{
	dsm_segment *segment;
	shm_toc    *toc;
	shm_mq	   *replies;
	shm_mq	   *incoming;

	pqsignal(SIGTERM, die);
	pqsignal(SIGINT, StatementCancelHandler);
	BackgroundWorkerUnblockSignals();

	/* The segment has no other owner yet, and stays as long as we do. */
	CurrentResourceOwner = ResourceOwnerCreate(NULL, "migr worker");
	segment = dsm_attach(DatumGetUInt32(main_arg));
	if (segment == NULL)
		proc_exit(0);			/* the session has gone already */
	dsm_pin_mapping(segment);
	toc = shm_toc_attach(migr_worker_magic(), dsm_segment_address(segment));
	if (toc == NULL)
		ereport(FATAL,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the shared memory of a scratch build is not of this version of migr"),
				 errhint("The session that has asked for it has the library of before an update: connect again.")));
	header = shm_toc_lookup(toc, MIGR_WORKER_KEY_HEADER, false);
	incoming = shm_toc_lookup(toc, MIGR_WORKER_KEY_REQUESTS, false);
	shm_mq_set_receiver(incoming, MyProc);
	requests = shm_mq_attach(incoming, segment, NULL);
	replies = shm_toc_lookup(toc, MIGR_WORKER_KEY_REPLIES, false);
	shm_mq_set_sender(replies, MyProc);
	pq_redirect_to_shm_mq(segment, shm_mq_attach(replies, segment, NULL));

	BackgroundWorkerInitializeConnectionByOid(header->database, header->session_user,
											  migr_compat_worker_flags(header->closed));
	pin_settings();
	process_session_preload_libraries();
}

int
migr_worker_session(void)
{
	return header->session;
}

Oid
migr_worker_role(void)
{
	return header->role;
}

bool
migr_worker_is_itself(void)
{
	return header->role == header->session_user;
}

void
migr_worker_reply(char kind, StringInfo content)
{
	StringInfoData message;

	pq_beginmessage(&message, kind);
	if (content)
		pq_sendbytes(&message, content->data, content->len);
	pq_endmessage(&message);
}

/* Wait for a request; false if the session has no more of them. */
static bool
next_request(StringInfo request)
{
	Size		size;
	void	   *data;

	pgstat_report_activity(STATE_IDLE, NULL);
	if (shm_mq_receive(requests, &size, &data, false) != SHM_MQ_SUCCESS)
		return false;
	resetStringInfo(request);
	appendBinaryStringInfo(request, data, size);
	request->cursor = 1;
	pgstat_report_activity(STATE_RUNNING, header->purpose);
	return true;
}

static void
send_error(void)
{
	EmitErrorReport();
	FlushErrorState();
}

void
migr_worker_serve(MigrWorkerServe serve, MigrWorkerRecover recover)
{
	MemoryContext context = AllocSetContextCreate(TopMemoryContext, "migr request",
												  ALLOCSET_DEFAULT_SIZES);
	StringInfoData request;

	MemoryContextSwitchTo(TopMemoryContext);
	initStringInfo(&request);
	while (next_request(&request))
	{
		MemoryContextSwitchTo(context);
		PG_TRY();
		{
			serve(request.data[0], &request);
			migr_worker_reply(MIGR_REPLY_DONE, NULL);
		}
		PG_CATCH();
		{
			error_context_stack = NULL;
			HOLD_INTERRUPTS();
			/* First out of what failed: there may be no memory to tell of it. */
			recover();
			MemoryContextSwitchTo(context);
			send_error();
			RESUME_INTERRUPTS();
		}
		PG_END_TRY();
		MemoryContextSwitchTo(TopMemoryContext);
		MemoryContextReset(context);
	}
}
