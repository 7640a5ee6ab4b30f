-- migr:revision 5d1c0e7ab342
-- migr:message items
-- migr:created 2026-03-02 09:15:00+00

-- migr:upgrade
CREATE TABLE item (
    id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL
);

-- migr:downgrade
DROP TABLE item;
