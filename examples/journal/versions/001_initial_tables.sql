-- migr:revision 001_initial_tables
-- migr:message users, tags, prompts and entries
-- migr:created 2026-01-05 18:00:00+00

-- migr:upgrade
CREATE TABLE public.users (
    id uuid DEFAULT gen_random_uuid() PRIMARY KEY,
    email text NOT NULL CONSTRAINT users_email_has_at CHECK (position('@' IN email) > 1),
    display_name text NOT NULL,
    time_zone text DEFAULT 'UTC' NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL
);
COMMENT ON TABLE public.users IS 'Who keeps a journal';
-- An address is one person's, however it is typed.
CREATE UNIQUE INDEX users_lower_email_key ON public.users (lower(email));

CREATE TABLE public.tags (
    id uuid DEFAULT gen_random_uuid() PRIMARY KEY,
    user_id uuid NOT NULL
        CONSTRAINT tags_user_id_fkey REFERENCES public.users (id) ON DELETE CASCADE,
    name text NOT NULL,
    CONSTRAINT tags_user_name_key UNIQUE (user_id, name)
);
COMMENT ON TABLE public.tags IS 'Each user''s own';

CREATE TABLE public.prompts (
    id uuid DEFAULT gen_random_uuid() PRIMARY KEY,
    language text DEFAULT 'en' NOT NULL,
    body text NOT NULL,
    CONSTRAINT prompts_language_body_key UNIQUE (language, body)
);
COMMENT ON TABLE public.prompts IS 'Questions to begin with, the same for everybody: « Qu''as-tu remarqué ? »';

CREATE TABLE public.entries (
    id uuid DEFAULT gen_random_uuid() PRIMARY KEY,
    user_id uuid NOT NULL
        CONSTRAINT entries_user_id_fkey REFERENCES public.users (id) ON DELETE CASCADE,
    prompt_id uuid
        CONSTRAINT entries_prompt_id_fkey REFERENCES public.prompts (id) ON DELETE SET NULL,
    mood smallint CONSTRAINT entries_mood_range CHECK (mood BETWEEN 1 AND 5),
    title text,
    body text NOT NULL,
    written_at timestamptz DEFAULT now() NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL
);
COMMENT ON TABLE public.entries IS 'The journal';
COMMENT ON COLUMN public.entries.mood IS '1 is low, 5 is high';
CREATE INDEX entries_user_id_written_at_idx ON public.entries (user_id, written_at DESC);
CREATE INDEX entries_prompt_id_idx ON public.entries (prompt_id);

CREATE TABLE public.entry_tags (
    entry_id uuid NOT NULL
        CONSTRAINT entry_tags_entry_id_fkey REFERENCES public.entries (id) ON DELETE CASCADE,
    tag_id uuid NOT NULL
        CONSTRAINT entry_tags_tag_id_fkey REFERENCES public.tags (id) ON DELETE CASCADE,
    PRIMARY KEY (entry_id, tag_id)
);
CREATE INDEX entry_tags_tag_id_idx ON public.entry_tags (tag_id);

-- migr:downgrade
DROP TABLE public.entry_tags;
DROP TABLE public.entries;
DROP TABLE public.prompts;
DROP TABLE public.tags;
DROP TABLE public.users;

-- migr:verify
-- A verify section is worth most when it still holds after later revisions:
-- this one names only what stays.
SELECT to_regclass(name) IS NOT NULL
  FROM unnest(ARRAY['public.users', 'public.tags', 'public.prompts', 'public.entry_tags']) AS name;

-- Every foreign key here has an index that begins with its column.
SELECT EXISTS (SELECT FROM pg_index AS i
                WHERE i.indrelid = c.conrelid AND i.indkey[0] = c.conkey[1])
  FROM pg_constraint AS c
 WHERE c.contype = 'f'
   AND c.conrelid IN ('public.tags'::regclass, 'public.entry_tags'::regclass);

SELECT indisunique AND indisvalid
  FROM pg_index WHERE indexrelid = 'public.users_lower_email_key'::regclass;
