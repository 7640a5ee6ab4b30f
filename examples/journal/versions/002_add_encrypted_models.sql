-- migr:revision 002_add_encrypted_models
-- migr:revises 001_initial_tables
-- migr:message entries encrypted by the client
-- migr:created 2026-02-14 10:20:00+00

-- migr:upgrade
-- The client encrypts; the server holds ciphertext and never a key. So it
-- cannot encrypt what is here already: those rows move as they are, under the
-- cipher 'none', and the client replaces them the next time it is online.
CREATE TYPE public.entry_cipher AS ENUM ('none', 'aes-256-gcm', 'xchacha20-poly1305');
COMMENT ON TYPE public.entry_cipher IS 'How a client encrypted an entry';

CREATE TABLE public.encryption_keys (
    id uuid DEFAULT gen_random_uuid() PRIMARY KEY,
    user_id uuid NOT NULL
        CONSTRAINT encryption_keys_user_id_fkey REFERENCES public.users (id) ON DELETE CASCADE,
    wrapped_key bytea NOT NULL,
    salt bytea NOT NULL CONSTRAINT encryption_keys_salt_length CHECK (octet_length(salt) = 16),
    derivation jsonb DEFAULT '{"name": "argon2id"}' NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    retired_at timestamptz,
    -- For the foreign key below: an entry's key is a key of the entry's user.
    CONSTRAINT encryption_keys_id_user_id_key UNIQUE (id, user_id)
);
COMMENT ON TABLE public.encryption_keys IS 'Keys, each encrypted under one that only the user''s device can derive';
COMMENT ON COLUMN public.encryption_keys.wrapped_key IS 'Useless without the user''s passphrase';
CREATE UNIQUE INDEX encryption_keys_one_active ON public.encryption_keys (user_id)
    WHERE retired_at IS NULL;
-- The index above is partial, so it cannot serve the foreign key.
CREATE INDEX encryption_keys_user_id_idx ON public.encryption_keys (user_id);

CREATE TABLE public.encrypted_entries (
    id uuid DEFAULT gen_random_uuid() PRIMARY KEY,
    user_id uuid NOT NULL
        CONSTRAINT encrypted_entries_user_id_fkey REFERENCES public.users (id) ON DELETE CASCADE,
    prompt_id uuid
        CONSTRAINT encrypted_entries_prompt_id_fkey REFERENCES public.prompts (id) ON DELETE SET NULL,
    key_id uuid,
    cipher public.entry_cipher NOT NULL,
    nonce bytea,
    ciphertext bytea NOT NULL,
    mood smallint CONSTRAINT encrypted_entries_mood_range CHECK (mood BETWEEN 1 AND 5),
    written_at timestamptz DEFAULT now() NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL,
    -- Checked at the end of the statement: a key that an entry needs cannot be
    -- deleted, but its user can, with keys and entries at once.
    CONSTRAINT encrypted_entries_key_fkey FOREIGN KEY (key_id, user_id)
        REFERENCES public.encryption_keys (id, user_id) ON DELETE NO ACTION,
    -- A nonce used twice with one key gives both texts away.
    CONSTRAINT encrypted_entries_nonce_key UNIQUE (key_id, nonce),
    -- num_nulls first: a CHECK that comes out NULL would let the row in.
    CONSTRAINT encrypted_entries_cipher_fits CHECK (
        CASE cipher
            WHEN 'none' THEN num_nonnulls(key_id, nonce) = 0
            WHEN 'aes-256-gcm' THEN num_nulls(key_id, nonce) = 0 AND octet_length(nonce) = 12
            WHEN 'xchacha20-poly1305' THEN num_nulls(key_id, nonce) = 0 AND octet_length(nonce) = 24
        END
    )
);
COMMENT ON TABLE public.encrypted_entries IS 'The journal, as the clients sent it';
COMMENT ON COLUMN public.encrypted_entries.ciphertext IS
    'Title and body as JSON in UTF-8, encrypted; in the clear where cipher is none';
CREATE INDEX encrypted_entries_user_id_written_at_idx
    ON public.encrypted_entries (user_id, written_at DESC);
CREATE INDEX encrypted_entries_prompt_id_idx ON public.encrypted_entries (prompt_id);
CREATE INDEX encrypted_entries_key_id_idx ON public.encrypted_entries (key_id, user_id);

INSERT INTO public.encrypted_entries
       (id, user_id, prompt_id, cipher, ciphertext, mood, written_at, created_at, updated_at)
SELECT id, user_id, prompt_id, 'none',
       convert_to(jsonb_build_object('title', title, 'body', body)::text, 'UTF8'),
       mood, written_at, created_at, updated_at
  FROM public.entries;

-- Entries keep their ids, so their tags only have to look into the new table.
ALTER TABLE public.entry_tags DROP CONSTRAINT entry_tags_entry_id_fkey;
ALTER TABLE public.entry_tags
    ADD CONSTRAINT entry_tags_entry_id_fkey
    FOREIGN KEY (entry_id) REFERENCES public.encrypted_entries (id) ON DELETE CASCADE;
DROP TABLE public.entries;

-- migr:downgrade
-- No one here can decrypt. Going back with encrypted entries would lose them,
-- so it is refused; with entries in the clear alone nothing is lost.
DO $$
DECLARE
    n bigint := (SELECT count(*) FROM public.encrypted_entries WHERE cipher <> 'none');
BEGIN
    IF n > 0 THEN
        RAISE EXCEPTION '% entries are encrypted and would be lost', n
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  HINT = 'Let their owners export them and delete them first.';
    END IF;
END;
$$;

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

INSERT INTO public.entries
       (id, user_id, prompt_id, mood, title, body, written_at, created_at, updated_at)
SELECT id, user_id, prompt_id, mood, content ->> 'title', content ->> 'body',
       written_at, created_at, updated_at
  FROM (SELECT *, convert_from(ciphertext, 'UTF8')::jsonb AS content
          FROM public.encrypted_entries) AS e;

ALTER TABLE public.entry_tags DROP CONSTRAINT entry_tags_entry_id_fkey;
ALTER TABLE public.entry_tags
    ADD CONSTRAINT entry_tags_entry_id_fkey
    FOREIGN KEY (entry_id) REFERENCES public.entries (id) ON DELETE CASCADE;
DROP TABLE public.encrypted_entries;
DROP TABLE public.encryption_keys;
DROP TYPE public.entry_cipher;

-- migr:verify
SELECT to_regclass('public.entries') IS NULL;

DO $verify$
DECLARE
    v_user uuid := gen_random_uuid();
    v_other uuid := gen_random_uuid();
    v_key uuid;
BEGIN
    -- Of no effect yet; revision 003 will ask for it.
    PERFORM set_config('journal.user_id', v_other::text, true);
    INSERT INTO public.users (id, email, display_name)
        VALUES (v_other, v_other || '@example.org', 'Verify');
    PERFORM set_config('journal.user_id', v_user::text, true);
    INSERT INTO public.users (id, email, display_name)
        VALUES (v_user, v_user || '@example.org', 'Verify');
    INSERT INTO public.encryption_keys (user_id, wrapped_key, salt)
        VALUES (v_user, '\x00', decode(repeat('00', 16), 'hex')) RETURNING id INTO v_key;
    INSERT INTO public.encrypted_entries (user_id, key_id, cipher, nonce, ciphertext)
        VALUES (v_user, v_key, 'aes-256-gcm', decode(repeat('01', 12), 'hex'), '\xbeef');

    BEGIN
        INSERT INTO public.encrypted_entries (user_id, key_id, cipher, nonce, ciphertext)
            VALUES (v_user, v_key, 'aes-256-gcm', decode(repeat('01', 12), 'hex'), '\xfeed');
        RAISE EXCEPTION 'a nonce was used twice';
    EXCEPTION
        WHEN unique_violation THEN NULL;
    END;

    BEGIN
        INSERT INTO public.encrypted_entries (user_id, cipher, ciphertext)
            VALUES (v_user, 'aes-256-gcm', '\xfeed');
        RAISE EXCEPTION 'encrypted, but with no key and no nonce';
    EXCEPTION
        WHEN check_violation THEN NULL;
    END;

    BEGIN
        PERFORM set_config('journal.user_id', v_other::text, true);
        INSERT INTO public.encrypted_entries (user_id, key_id, cipher, nonce, ciphertext)
            VALUES (v_other, v_key, 'aes-256-gcm', decode(repeat('02', 12), 'hex'), '\xfeed');
        RAISE EXCEPTION 'an entry under the key of another user';
    EXCEPTION
        WHEN foreign_key_violation THEN NULL;
    END;

    -- The handler above has rolled the setting back to v_user, too. Refused by
    -- the foreign key; from revision 003 on there may be no row to delete.
    BEGIN
        DELETE FROM public.encryption_keys WHERE id = v_key;
    EXCEPTION
        WHEN foreign_key_violation THEN NULL;
    END;
    IF NOT EXISTS (SELECT FROM public.encryption_keys WHERE id = v_key) THEN
        RAISE EXCEPTION 'a key in use could be deleted';
    END IF;

    DELETE FROM public.users WHERE id = v_user;
    IF EXISTS (SELECT FROM public.encrypted_entries WHERE user_id = v_user)
       OR EXISTS (SELECT FROM public.encryption_keys WHERE user_id = v_user) THEN
        RAISE EXCEPTION 'something of a deleted user is left';
    END IF;
END;
$verify$;
