SET check_function_bodies = off;

DROP VIEW public.v;

DROP FUNCTION public.f(x integer);

ALTER TYPE public.e RENAME TO e_migr_old;
CREATE TYPE public.e AS ENUM (
    'b',
    'a'
);
ALTER TYPE public.e OWNER TO app;

CREATE FUNCTION public.f(y integer)
 RETURNS integer
 LANGUAGE sql
 SECURITY DEFINER
AS $function$select 1$function$;
ALTER FUNCTION public.f(y integer) OWNER TO app;

CREATE SEQUENCE public.w_b_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    MINVALUE 1
    MAXVALUE 2147483647
    CACHE 1;

ALTER TABLE public.k ALTER COLUMN a TYPE public.e USING a::text::public.e;

DROP TYPE public.e_migr_old;

ALTER TABLE public.t ALTER COLUMN a TYPE bigint;

ALTER TABLE public.w ADD COLUMN b integer DEFAULT nextval('public.w_b_seq'::regclass) NOT NULL;
ALTER SEQUENCE public.w_b_seq OWNER TO app;
ALTER SEQUENCE public.w_b_seq OWNED BY public.w.b;

CREATE VIEW public.v AS
 SELECT t.a
   FROM public.t;
ALTER VIEW public.v OWNER TO app;

