/*
 * usage_table.c
 *		Who has last used what, in shared memory, since the server started.
 *
 * An entry has its key in one word, so a new one is made by one compare-and-swap.  Keys
 * are looked for in a run of places behind their hash; the run ends at a free place,
 * and what was given back is not free, but can be taken.  Two backends may so make the
 * same entry twice: who reads looks at all of the run, and takes the later use.
 *
 * A use is one word, too: its second, and the number of a role and an application.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include <time.h>

#include "miscadmin.h"
#include "port/atomics.h"
#include "storage/ipc.h"
#include "storage/lwlock.h"
#include "storage/shmem.h"
#include "utils/guc.h"
#include "utils/timestamp.h"

#include "base/compat_usage.h"
#include "base/usage_table.h"

#define NAME "migr usage"

/* How far from its hash an entry may be. */
#define RUN 128

#define MAX_DATABASES 4096
#define MAX_USERS 4096

/* Of a session: what it has noted. */
#define CACHED 1024

/*
 * Keys of what can be taken, and of what is being made ready for that.  No real one is
 * the same, as codes begin at 1.
 */
#define GIVEN_BACK UINT64CONST(1)
#define CLEARING UINT64CONST(2)

typedef struct Entry
{
	pg_atomic_uint64 key;
	pg_atomic_uint64 uses[MIGR_USAGE_SORTS];	/* second << 32 | number of user */
} Entry;

/* A role under the name of an application; never changed once it is counted. */
typedef struct User
{
	Oid			role;
	bool		others;			/* the name stands for any */
	char		application[NAMEDATALEN];
} User;

typedef struct Database
{
	pg_atomic_uint32 oid;		/* 0: free */
	pg_atomic_uint64 lost;		/* when a use last found no room; 0: never */
} Database;

typedef struct Table
{
	TimestampTz since;
	uint32		count;			/* of entries */
	LWLock	   *lock;			/* for who adds a user */
	pg_atomic_uint64 lost;		/* as in Database, of those that have found no place */
	pg_atomic_uint32 users_count;
	User		users[MAX_USERS];	/* number 0 is nobody */
	Database	databases[MAX_DATABASES];
	Entry		entries[FLEXIBLE_ARRAY_MEMBER];
} Table;

typedef struct Cached
{
	uint64		key;
	Entry	   *entry;			/* NULL: ignored */
	uint32		noted[MIGR_USAGE_SORTS];	/* the second */
} Cached;

static int	entries = 200000;
static Table *table;
static Cached *cache;

static MigrCompatRequest next_request;
static shmem_startup_hook_type next_startup;

/* --- memory ------------------------------------------------------------------- */

static Size
table_size(void)
{
	return add_size(offsetof(Table, entries), mul_size(entries, sizeof(Entry)));
}

static void
clear(void)
{
	table->since = GetCurrentTimestamp();
	table->count = entries;
	table->lock = &(GetNamedLWLockTranche(NAME))->lock;
	pg_atomic_init_u64(&table->lost, 0);
	pg_atomic_init_u32(&table->users_count, 1);
	for (int i = 0; i < MAX_DATABASES; i++)
	{
		pg_atomic_init_u32(&table->databases[i].oid, InvalidOid);
		pg_atomic_init_u64(&table->databases[i].lost, 0);
	}
	for (int i = 0; i < entries; i++)
	{
		pg_atomic_init_u64(&table->entries[i].key, 0);
		for (int sort = 0; sort < MIGR_USAGE_SORTS; sort++)
			pg_atomic_init_u64(&table->entries[i].uses[sort], 0);
	}
}

static void
startup(void)
{
	bool		found;

	if (next_startup)
		next_startup();
	if (entries == 0)
		return;
	LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
	table = ShmemInitStruct(NAME, table_size(), &found);
	if (!found)
		clear();
	LWLockRelease(AddinShmemInitLock);
}

static void
request(void)
{
	if (next_request)
		next_request();
	if (entries == 0)
		return;
	RequestAddinShmemSpace(table_size());
	RequestNamedLWLockTranche(NAME, 1);
}

void
migr_usage_table_init(void)
{
	bool		preloaded = process_shared_preload_libraries_in_progress;

	DefineCustomIntVariable("migr.usage_entries",
							"How many tables, columns, indexes and functions of all databases are observed; 0: none.",
							"It takes 24 bytes for each, where the library is preloaded; elsewhere it means nothing.",
							&entries, entries, 0, 100000000,
							preloaded ? PGC_POSTMASTER : PGC_SIGHUP, 0, NULL, NULL, NULL);
	if (!preloaded)
		return;
	next_request = migr_compat_request_shmem(request);
	next_startup = shmem_startup_hook;
	shmem_startup_hook = startup;
}

bool
migr_usage_is_observed(void)
{
	return table != NULL;
}

/* --- where things are ---------------------------------------------------------- */

/* Of the session: its place, or NULL if there was none left, and the highest bits of its keys. */
static Database *mine;
static Oid	mine_oid;
static uint64 mine_bits;

/* The database whose place is known, and of which there is a cache. */
static Oid	ready_for;

static void
find_database(void)
{
	Oid			oid = MyDatabaseId;

	mine_oid = oid;
	mine = NULL;
	for (int i = 0; i < MAX_DATABASES && mine == NULL; i++)
	{
		uint32		there = pg_atomic_read_u32(&table->databases[i].oid);

		if (there == InvalidOid)
			(void) pg_atomic_compare_exchange_u32(&table->databases[i].oid, &there, oid);
		if (there == InvalidOid || there == oid)
			mine = &table->databases[i];
	}
	mine_bits = mine ? (uint64) (mine - table->databases) << 44 : 0;
}

static inline Database *
my_database(void)
{
	if (unlikely(mine == NULL || mine_oid != MyDatabaseId))
		find_database();
	return mine;
}

/* In the session's database, which has a place. */
static inline uint64
key_of(Oid object, int code)
{
	return mine_bits | (uint64) code << 32 | object;
}

static inline uint32
hash_of(uint64 key)
{
	key ^= key >> 31;
	key *= UINT64CONST(0x9E3779B97F4A7C15);
	return (uint32) (key >> 32);
}

static Entry *
place_of(uint32 hash, int step)
{
	return &table->entries[((uint64) hash * table->count >> 32) + step < table->count
						   ? ((uint64) hash * table->count >> 32) + step
						   : ((uint64) hash * table->count >> 32) + step - table->count];
}

static int
run_length(void)
{
	return Min(RUN, table->count);
}

static bool
take(Entry *entry, uint64 there, uint64 key)
{
	return pg_atomic_compare_exchange_u64(&entry->key, &there, key) || there == key;
}

/* The entry of a key, made if need be; NULL if there is no room. */
static Entry *
find_or_make(uint64 key)
{
	uint32		hash = hash_of(key);
	Entry	   *given_back = NULL;

	for (int i = 0; i < run_length(); i++)
	{
		Entry	   *entry = place_of(hash, i);
		uint64		there = pg_atomic_read_u64(&entry->key);

		if (there == key)
			return entry;
		if (there == GIVEN_BACK && given_back == NULL)
			given_back = entry;
		if (there != 0)
			continue;
		if (given_back && take(given_back, GIVEN_BACK, key))
			return given_back;
		if (take(entry, 0, key))
			return entry;
	}
	return given_back && take(given_back, GIVEN_BACK, key) ? given_back : NULL;
}

/* --- who ------------------------------------------------------------------------ */

static int
find_user(Oid role, const char *application, bool others)
{
	int			count = pg_atomic_read_u32(&table->users_count);

	pg_read_barrier();
	for (int i = 1; i < count; i++)
	{
		const User *user = &table->users[i];

		if (user->role == role && user->others == others &&
			strcmp(user->application, application) == 0)
			return i;
	}
	return 0;
}

/*
 * When names run out, as where each connection has one of its own, a role is noted
 * without; when roles do, nobody is.
 */
static int
add_user(Oid role, const char *application)
{
	int			number;
	int			count;
	bool		others;

	LWLockAcquire(table->lock, LW_EXCLUSIVE);
	count = pg_atomic_read_u32(&table->users_count);
	others = count >= MAX_USERS / 2;
	number = find_user(role, others ? "" : application, others);
	if (number == 0 && count < MAX_USERS)
	{
		User	   *user = &table->users[count];

		user->role = role;
		user->others = others;
		strlcpy(user->application, others ? "" : application, NAMEDATALEN);
		pg_write_barrier();
		pg_atomic_write_u32(&table->users_count, count + 1);
		number = count;
	}
	LWLockRelease(table->lock);
	return number;
}

/* The number of who uses it. */
static uint32
who(void)
{
	static Oid	role;
	static char application[NAMEDATALEN];
	static uint32 number;
	const char *called = application_name ? application_name : "";

	if (role == GetSessionUserId() && strncmp(application, called, NAMEDATALEN - 1) == 0)
		return number;
	role = GetSessionUserId();
	strlcpy(application, called, NAMEDATALEN);
	number = find_user(role, application, false);
	if (number == 0)
		number = add_user(role, application);
	return number;
}

/* --- noting ---------------------------------------------------------------------- */

static uint32
second_of(TimestampTz at)
{
	return (uint32) (at / USECS_PER_SEC);
}

/* Seconds are enough, and a clock that has no more costs next to nothing. */
uint32
migr_usage_now(void)
{
#ifdef CLOCK_REALTIME_COARSE
	struct timespec now;

	if (clock_gettime(CLOCK_REALTIME_COARSE, &now) == 0)
		return (uint32) (now.tv_sec - (pg_time_t) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY);
#endif
	return second_of(GetCurrentTimestamp());
}

/* A later time, whoever else is at it. */
static void
raise_to(pg_atomic_uint64 *word, uint64 value)
{
	uint64		there = pg_atomic_read_u64(word);

	while (there >> 32 < value >> 32 &&
		   !pg_atomic_compare_exchange_u64(word, &there, value))
		;
}

static void
note_lost(Database *database, uint32 now)
{
	raise_to(database ? &database->lost : &table->lost, (uint64) now << 32);
}

static inline Cached *
cached(uint64 key)
{
	return &cache[hash_of(key) % CACHED];
}

static pg_noinline bool
make_ready(void)
{
	if (cache == NULL)
		cache = MemoryContextAllocZero(TopMemoryContext, CACHED * sizeof(Cached));
	ready_for = my_database() ? mine_oid : InvalidOid;
	return OidIsValid(ready_for);
}

/* Is there where to note anything? */
static inline bool
is_ready(void)
{
	return likely(ready_for == MyDatabaseId && OidIsValid(ready_for)) || make_ready();
}

/* For the first time in this second. */
static pg_noinline MigrUsageSession
note(uint64 key, Cached *place, MigrUsageSort sort, uint32 now)
{
	if (place->key != key || pg_atomic_read_u64(&place->entry->key) != key)
	{
		Entry	   *entry = find_or_make(key);

		if (entry == NULL)
		{
			note_lost(mine, now);
			return MIGR_USAGE_NOTED;
		}
		memset(place, 0, sizeof(Cached));
		place->key = key;
		place->entry = entry;
	}
	place->noted[sort] = now;
	if (pg_atomic_read_u64(&place->entry->uses[sort]) >> 32 < now)
		raise_to(&place->entry->uses[sort], (uint64) now << 32 | who());
	return MIGR_USAGE_NOTED;
}

void
migr_usage_note(Oid object, int code, MigrUsageSort sort, uint32 now)
{
	uint64		key;
	Cached	   *place;

	if (!is_ready())
	{
		note_lost(NULL, now);
		return;
	}
	key = key_of(object, code);
	place = cached(key);
	if (place->key != key || (place->noted[sort] != now && place->entry))
		(void) note(key, place, sort, now);
}

MigrUsageSession
migr_usage_note_known(Oid object, int code, MigrUsageSort sort, uint32 now)
{
	uint64		key;
	Cached	   *place;

	if (!is_ready())
		return MIGR_USAGE_NEW;
	key = key_of(object, code);
	place = cached(key);
	if (place->key != key)
		return MIGR_USAGE_NEW;
	if (place->noted[sort] == now)
		return MIGR_USAGE_NOTED;
	if (place->entry == NULL)
		return MIGR_USAGE_IGNORED;
	return note(key, place, sort, now);
}

void
migr_usage_ignore(Oid object, int code)
{
	uint64		key;
	Cached	   *place;

	if (!is_ready())
		return;
	key = key_of(object, code);
	place = cached(key);
	memset(place, 0, sizeof(Cached));
	place->key = key;
}

/* --- reading ---------------------------------------------------------------------- */

static void
read_use(MigrUse *use, uint64 word)
{
	TimestampTz at = (TimestampTz) (word >> 32) * USECS_PER_SEC;
	uint32		number = (uint32) word;

	if (at <= use->at)
		return;
	use->at = at;
	use->role = InvalidOid;
	use->application = NULL;
	if (number == 0)
		return;
	pg_read_barrier();
	use->role = table->users[number].role;
	if (!table->users[number].others)
		use->application = table->users[number].application;
}

void
migr_usage_find(Oid object, int code, MigrUse uses[MIGR_USAGE_SORTS])
{
	Database   *database = table ? my_database() : NULL;
	uint64		key;

	if (database == NULL)
		return;
	key = key_of(object, code);
	for (int i = 0; i < run_length(); i++)
	{
		Entry	   *entry = place_of(hash_of(key), i);
		uint64		there = pg_atomic_read_u64(&entry->key);

		if (there == 0)
			return;
		for (int sort = 0; sort < MIGR_USAGE_SORTS && there == key; sort++)
			read_use(&uses[sort], pg_atomic_read_u64(&entry->uses[sort]));
	}
}

TimestampTz
migr_usage_since(void)
{
	Database   *database = table ? my_database() : NULL;
	uint64		lost;

	if (database == NULL)
		return 0;
	lost = Max(pg_atomic_read_u64(&table->lost), pg_atomic_read_u64(&database->lost)) >> 32;
	/* What was lost in that second is not known. */
	return Max(table->since, lost == 0 ? 0 : (TimestampTz) (lost + 1) * USECS_PER_SEC);
}

static bool
is_among(const Oid *objects, int count, Oid object)
{
	for (int i = 0; i < count; i++)
	{
		if (objects[i] == object)
			return true;
	}
	return false;
}

/* Nobody takes it before it is empty. */
static void
give_back(Entry *entry, uint64 key)
{
	if (!pg_atomic_compare_exchange_u64(&entry->key, &key, CLEARING))
		return;
	for (int sort = 0; sort < MIGR_USAGE_SORTS; sort++)
		pg_atomic_write_u64(&entry->uses[sort], 0);
	key = CLEARING;
	(void) pg_atomic_compare_exchange_u64(&entry->key, &key, GIVEN_BACK);
}

void
migr_usage_forget(const Oid *objects, int count)
{
	Database   *database = table && count > 0 ? my_database() : NULL;

	for (uint32 i = 0; database && i < table->count; i++)
	{
		uint64		key = pg_atomic_read_u64(&table->entries[i].key);
		int			code = (int) (key >> 32) & 0xFFF;

		if (code != 0 && code != MIGR_USAGE_FUNCTION_HASH &&
			key >> 44 == mine_bits >> 44 &&
			is_among(objects, count, (Oid) key))
			give_back(&table->entries[i], key);
	}
}
