-- What a database by version 0.1.0 held, as its pg_dump wrote it: four of five revisions
-- applied, one of them twice, an integrity rule, and a table made by hand under migr.guard.

CREATE TABLE item (id bigint NOT NULL, name text NOT NULL, price numeric, CONSTRAINT item_price_check CHECK (price > 0));
CREATE TABLE sale (item bigint, at timestamptz);
CREATE TABLE by_hand (id integer);

COPY migr.log (id, action, target, tag, from_heads, to_heads, revisions, started_at, duration, performed_by, run_as, outcome, command, objects, statement, detail) FROM stdin;
1	load	\N	\N	{}	{}	{ae10,be20,ce30,de40,ee50}	2026-01-02 10:20:54.114506+00	00:00:00.001397	shop_owner	shop_owner	done	\N	\N	\N	\N
2	upgrade	de40	release 1	{}	{de40}	{ae10,be20,ce30,de40}	2026-01-02 10:20:54.126913+00	00:00:00.065152	shop_owner	shop_owner	done	\N	\N	\N	\N
3	downgrade	-1	\N	{de40}	{be20,ce30}	{de40}	2026-01-02 10:20:54.210354+00	00:00:00.002333	shop_owner	shop_owner	done	\N	\N	\N	\N
5	upgrade	de40	\N	{be20,ce30}	{de40}	{de40}	2026-01-02 10:20:54.230123+00	00:00:00.003052	shop_owner	shop_owner	done	\N	\N	\N	\N
6	ddl	\N	\N	{}	{}	{}	2026-01-02 10:20:54.371616+00	00:00:00.007227	shop_owner	shop_owner	done	CREATE TABLE	{"table public.by_hand"}	CREATE TABLE by_hand (id int);	\N
\.

COPY migr.revision (revision, down_revision, depends_on, branch_labels, message, created_at, reversible, transactional, is_head, checksum, script, loaded_at, loaded_by) FROM stdin;
ae10	{}	{}	{shop}	it's a tab\ta back\\slash	2026-01-02 03:04:05+00	t	t	f	ff8080d1fd635521afad0f2cfbcd2635fb8de1ccd75733ad203eadd7d9716830	-- migr:revision ae10\n-- migr:message it's a tab\ta back\\slash\n-- migr:created 2026-01-02 03:04:05+00\n-- migr:labels shop\n-- migr:upgrade\nCREATE TABLE item (id bigint PRIMARY KEY, name text NOT NULL);\nINSERT INTO item VALUES (1, E'a\\tb\\\\');\n-- migr:downgrade\nDROP TABLE item;\n-- migr:verify\nSELECT count(*) = 1 FROM item;\n	2026-01-02 10:20:54.115383+00	shop_owner
be20	{ae10}	{}	{}		\N	t	t	f	9b75627f9f22df5b7ee0830d759b1b90861eb47f399f136ac3ccd989d3cd6e29	-- migr:revision be20\n-- migr:revises ae10\n-- migr:upgrade\nALTER TABLE item ADD COLUMN price numeric CHECK (price > 0);\n-- migr:downgrade\nALTER TABLE item DROP COLUMN price;\n	2026-01-02 10:20:54.115511+00	shop_owner
ce30	{ae10}	{}	{}		\N	t	t	f	26a6ff85f84c9be4c30c851929622f2880edbcb19993f5aff1bcec33cd25ccad	-- migr:revision ce30\n-- migr:revises ae10\n-- migr:upgrade\nCREATE TABLE sale (item bigint REFERENCES item, at timestamptz);\n-- migr:downgrade\nDROP TABLE sale;\n	2026-01-02 10:20:54.115532+00	shop_owner
de40	{be20,ce30}	{ae10}	{}		\N	t	t	f	0c22ca12f8a7cb4797126d461d31bab6125819df313e17ffa1a4177565757bab	-- migr:revision de40\n-- migr:revises be20, ce30\n-- migr:depends ae10\n-- migr:upgrade\nCREATE INDEX ON sale (item);\n-- migr:downgrade\nDROP INDEX sale_item_idx;\n	2026-01-02 10:20:54.115547+00	shop_owner
ee50	{de40}	{}	{}		\N	t	t	t	765c9f1cc25d2e93a8ebd0559c12ef8ee04b522b2400db140635cbea7e21d6b1	-- migr:revision ee50\n-- migr:revises de40\n-- migr:upgrade\nALTER TABLE sale ADD COLUMN quantity int;\n-- migr:downgrade\nALTER TABLE sale DROP COLUMN quantity;\n	2026-01-02 10:20:54.115561+00	shop_owner
\.

COPY migr.rule (name, setting, exceptions) FROM stdin;
primary_key	\N	{public.s*}
timestamptz	off	{}
\.

COPY migr.version (revision, ordinal, checksum, stamped, applied_at, applied_by, duration, fingerprint, server_major) FROM stdin;
ae10	1	ff8080d1fd635521afad0f2cfbcd2635fb8de1ccd75733ad203eadd7d9716830	f	2026-01-02 10:20:54.133385+00	shop_owner	00:00:00.005379	\N	\N
be20	2	9b75627f9f22df5b7ee0830d759b1b90861eb47f399f136ac3ccd989d3cd6e29	f	2026-01-02 10:20:54.165927+00	shop_owner	00:00:00.032333	\N	\N
ce30	3	26a6ff85f84c9be4c30c851929622f2880edbcb19993f5aff1bcec33cd25ccad	f	2026-01-02 10:20:54.166784+00	shop_owner	00:00:00.000802	b82cacd2f962bc308fa939d9fb44feca1386a3176249d95ebeb49a19a8ecc954	15
de40	4	0c22ca12f8a7cb4797126d461d31bab6125819df313e17ffa1a4177565757bab	f	2026-01-02 10:20:54.23157+00	shop_owner	00:00:00.000986	5cdb47a6b967017078637c34cbc44d21af0620281e7d8fb91b055c6ac64cfc50	15
\.

SELECT pg_catalog.setval('migr.log_id_seq', 6, true);

INSERT INTO item VALUES (1, E'a\tb\\');
ALTER TABLE item ADD CONSTRAINT item_pkey PRIMARY KEY (id);
CREATE INDEX sale_item_idx ON sale (item);
ALTER TABLE sale ADD CONSTRAINT sale_item_fkey FOREIGN KEY (item) REFERENCES item (id);
