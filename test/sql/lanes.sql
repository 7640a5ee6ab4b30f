-- How graphs are drawn: migr_graph() of graphs made by hand, a line for each
-- revision: its id, < what it revises, ~ what it depends on.
DROP EXTENSION migr;
CREATE EXTENSION migr;

CREATE FUNCTION draw(graph text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    scripts text := '';
    line text;
    part text[];
BEGIN
    FOREACH line IN ARRAY string_to_array(graph, '; ') LOOP
        part := regexp_match(line, '^(\w+)(?: < ([\w ]+?))?(?: ~ ([\w ]+))?$');
        scripts := scripts || format(E'-- migr:revision %s\n-- migr:revises %s\n-- migr:depends %s\n-- migr:upgrade\n',
                                     part[1], part[2], part[3]);
    END LOOP;
    PERFORM migr_load(scripts, replace => true);
    RETURN replace(migr_graph(), ' (pending)', '');
END $$;
CREATE FUNCTION forget() RETURNS void LANGUAGE sql AS $$DELETE FROM migr.revision$$;

\pset format unaligned
\pset tuples_only on

-- Nothing
SELECT migr_graph(), migr_graph() = '' AS empty;

-- One, and a line
SELECT draw('a'), forget();
SELECT draw('a; b < a; c < b'), forget();

-- A branch, with two heads; it is not merged
SELECT draw('a; b < a; c < a; d < c'), forget();

-- A diamond, and a triangle: a merge one of whose parents is below the other
SELECT draw('a; b < a; c < a; d < b c; e < d'), forget();
SELECT draw('a; b < a; c < a b'), forget();
SELECT draw('a; b < a; c < b a'), forget();

-- Several bases.  What is drawn below a base that it does not lead on from
-- stands aside.
SELECT draw('a; b'), forget();
SELECT draw('a; b; c; d'), forget();
SELECT draw('a; b < a; c; d < c; e; f < e'), forget();
SELECT draw('a; b; c < a b; d < c'), forget();

-- A dependency is a line as well, and named.
SELECT draw('a; b < a; c; d < c ~ a; e < d'), forget();
SELECT draw('a; b < a; c < a ~ b; d < b c'), forget();
SELECT draw('a; b ~ a; c ~ a b'), forget();

-- An octopus; with lanes to its right, which make room for it; and upon others
SELECT draw('a; b < a; c < a; d < a; e < b c d'), forget();
SELECT draw('a; b < a; c < a; d < a; e < a; f < b c d e; g < f'), forget();
SELECT draw('a; b1 < a; b2 < a; b3 < a; m < b1 b2 b3; x < a; y < a x; z < y m'), forget();
SELECT draw('a; b1 < a; b2 < a; b3 < a; z < b1 b2 b3; y < a; x < y; w < x; t < w z'), forget();
SELECT draw('a; b < a; c < a; d < a; m < b c d; n < b c d; o < m n'), forget();

-- Lines that cross: two merges of the same two
SELECT draw('a; b < a; c < a; d < b c; e < b c'), forget();
SELECT draw('a; b < a; c < a; d < b c; e < c b; f < d e'), forget();

-- ... and far ones, to the left and to the right
SELECT draw('a; b < a; c < a; d < a; e < a; t < b c d e; z < a; y < t ~ z'), forget();
SELECT draw('a; p < a; q < a; r < a; s < a; x < p s; y < q p; z < r q p s'), forget();

-- Many heads upon one
SELECT draw('a; b < a; c < a; d < a; e < a; f < a'), forget();

-- Ladders: long lines that are merged into each other
SELECT draw('a; b1 < a; b2 < b1; b3 < b2; b4 < b3; c1 < a; c2 < c1 b1; c3 < c2 b2; c4 < c3 b3; d < b4 c4'), forget();

-- Wider than anybody's terminal
SELECT max(length(l)), count(*)
  FROM draw((SELECT 'a; ' || string_agg(format('b%s < a', i), '; ') || '; z < ' || string_agg('b' || i, ' ')
               FROM generate_series(1, 300) i)) d, regexp_split_to_table(d, E'\n') l;
SELECT substr(l, 1, 30), substr(l, 180) FROM regexp_split_to_table(replace(migr_graph(), ' (pending)', ''), E'\n') l LIMIT 4;
SELECT l FROM migr_log(3) l;

DROP FUNCTION draw(text);
DROP FUNCTION forget();
DROP EXTENSION migr;
CREATE EXTENSION migr;
