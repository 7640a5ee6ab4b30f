# Part of migr: what a revision of Alembic does, as SQL.  Runs in the project's Python.
# Copyright (c) 2026, migr contributors
#
# env.py is run once, offline, as by "alembic upgrade --sql"; where it asks for the
# migrations to be run, each revision is rendered by itself, both ways.  What Alembic
# renders wrongly offline is replaced: parameters, %, backslashes, tabs, transactions.

import argparse
import ast
import contextlib
import importlib
import io
import linecache
import logging
import textwrap
import traceback
import types
import warnings


class State:
    """What is common to all hooks in Alembic."""

    active = None       # the Section that is being rendered
    projects = []       # of each time that env.py ran the migrations, {(id, direction): Section}
    preamble = []       # what env.py sent before
    context = None      # the last MigrationContext
    dialect = None      # what env.py asked for, if it is not PostgreSQL
    types = set()       # enums that revisions before have made
    revisions = []      # Revision, parents first
    files = {}          # path of a revision: the error on importing it, or None


class Section:
    """What one function of a revision gives."""

    def __init__(self, path, known_types=()):
        self.path = path
        self.known_types = known_types
        self.items = []             # (SQL, outside of a transaction, line)
        self.reason = None          # why there is no SQL
        self.line = None
        self.on_purpose = False
        self.missing = False
        self.autocommit = False
        self.anew = None            # a line whose values differ each time

    def add(self, sql):
        line = line_in(self.path, (frame for frame, line in traceback.walk_stack(None)))
        # Alembic makes the type of a column once in a run.
        if type_made(sql) in self.known_types:
            sql = if_missing(sql)
        self.items.append((sql, self.autocommit, line))

    def fail(self, error):
        """The first failure stays, whatever catches it."""
        if self.reason is not None:
            return
        frames = list(traceback.walk_tb(error.__traceback__))
        inside = [line for frame, line in frames if same_file(frame.f_code.co_filename, self.path)]
        self.line = inside[-1] if inside else None
        if isinstance(error, Unrenderable):
            self.reason = str(error)
            self.line = self.line or line_in(self.path, (frame for frame, line in traceback.walk_stack(None)))
            return
        self.reason = first_line(error)
        if frames and not same_file(frames[-1][0].f_code.co_filename, self.path):
            where = shown(frames[-1][0].f_code.co_filename)
            if not re.search(r'(site|dist)-packages|/lib/python|^<', where):
                self.reason += ' (in %s, line %d)' % (where, frames[-1][1])
        self.on_purpose = bool(frames) and same_file(frames[-1][0].f_code.co_filename, self.path) and \
            raises(self.path, self.line)

    def texts(self):
        return [sql for sql, autocommit, line in self.items]


def refuse(reason):
    error = Unrenderable(reason)
    if State.active is not None:
        State.active.fail(error)
    raise error


def line_in(path, frames):
    for frame in frames:
        if same_file(frame.f_code.co_filename, path):
            return frame.f_lineno
    return None


def same_file(one, other):
    return one == other or os.path.basename(one) == os.path.basename(other) and \
        os.path.abspath(one) == os.path.abspath(other)


def raises(path, line):
    """Whether a line of a file is part of a raise of its own."""
    try:
        tree = ast.parse(''.join(linecache.getlines(path)))
    except SyntaxError:
        return False
    return any(isinstance(node, ast.Raise) and node.lineno <= line <= getattr(node, 'end_lineno', node.lineno)
               for node in ast.walk(tree))


def first_line(error):
    text = re.sub(r'\(.*\);', '(...);', str(error).strip().split('\n')[0])
    text = text if len(text) <= 120 else text[:120] + '...'
    return '%s: %s' % (type(error).__name__, text) if text else type(error).__name__


def shown(path):
    relative = os.path.relpath(path)
    return path if relative.startswith('..') else relative


# --- SQL ----------------------------------------------------------------------------


def postgresql(given):
    """The dialect of psycopg2, with nothing that a connection would have to say."""
    from sqlalchemy.dialects.postgresql import psycopg2
    dialect = psycopg2.dialect(paramstyle='named')
    dialect._backslash_escapes = False
    dialect.statement_compiler = compiler_of(dialect.statement_compiler)
    for name in ('_json_serializer', 'default_schema_name'):
        if getattr(given, name, None) is not None and given.name == 'postgresql':
            setattr(dialect, name, getattr(given, name))
    return dialect


class Parameters:
    """Those of the statement that is being compiled."""
    given = {}


def compiler_of(base):
    """A compiler that writes values in place of parameters, and never leaves one out."""
    class Compiler(base):
        def visit_bindparam(self, bindparam, *args, **kw):
            if bindparam.key in Parameters.given:
                bindparam = bindparam._with_value(Parameters.given[bindparam.key])
            elif bindparam.required and bindparam.value is None and bindparam.callable is None:
                refuse('parameter "%s" has no value' % bindparam.key)
            if bindparam.value is None and bindparam.callable is None and before_14():
                return 'NULL'
            kw['literal_binds'] = True
            return super().visit_bindparam(bindparam, *args, **kw)

        def render_literal_bindparam(self, bindparam, **kw):
            if getattr(bindparam, 'expanding', False):
                return super().render_literal_bindparam(bindparam, **kw)
            value = kw.get('render_literal_value', bindparam.effective_value)
            return self.render_literal_value(value, bindparam.type)

        def render_literal_value(self, value, type_, **kw):
            process = type_.dialect_impl(self.dialect).bind_processor(self.dialect)
            return literal(process(value) if process else value)

    return Compiler


def before_14():
    import sqlalchemy
    return sqlalchemy.__version__.startswith('1.3.')


def rendered(construct, parameters, dialect):
    """SQL of a construct of SQLAlchemy, or of the driver, with one set of parameters."""
    from sqlalchemy.sql import ClauseElement, functions, expression
    if isinstance(construct, str):
        return interpolated(construct, parameters)
    construct = getattr(construct, 'statement', construct) if hasattr(construct, 'bind_names') else construct
    if isinstance(construct, functions.FunctionElement):
        construct = construct.select()
    if not isinstance(construct, ClauseElement):
        refuse('it executes a %s' % type(construct).__name__)
    if not isinstance(construct, (expression.Insert, expression.Update)):
        return compiled(construct, parameters, dialect)
    options = {'column_keys': sorted(parameters)}
    if isinstance(construct, expression.Insert) and not construct._returning:
        if callable(construct.inline):
            construct = construct.inline()
        else:
            options['inline'] = True
    return compiled(construct, parameters, dialect, **options)


def compiled(construct, parameters, dialect, **options):
    Parameters.given = parameters
    try:
        result = construct.compile(dialect=dialect, **options)
        text = str(result)
    finally:
        Parameters.given = {}
    extra = {}
    for column in list(getattr(result, 'insert_prefetch', ())) + list(getattr(result, 'update_prefetch', ())):
        default = column.default if column in result.insert_prefetch else column.onupdate
        if not getattr(default, 'is_scalar', False):
            refuse('column "%s" gets its value from Python for each row' % column.name)
        extra[column.key] = default.arg
    if extra and not set(extra) <= set(parameters):
        options['column_keys'] = sorted(set(options.get('column_keys', ())) | set(extra))
        return compiled(construct, dict(extra, **parameters), dialect, **options)
    return text


def send(construct, rows, dialect):
    """A statement, once for each set of parameters, goes to the section, or to what comes first."""
    for parameters in rows:
        try:
            sql = rendered(construct, parameters, dialect)
        except Unrenderable as error:
            if State.active is None:
                raise
            refuse(str(error))
        if State.active is not None:
            State.active.add(sql)
        elif not State.projects:
            State.preamble.append(sql)


# --- what a revision gets for a connection -----------------------------------------


class Rows:
    """What a statement returns: nothing that one could know before it has run."""

    def close(self):
        pass

    def __getattr__(self, name):
        refuse('it reads what a statement returns (%s)' % name)

    def used(self, *args):
        refuse('it reads what a statement returns')

    __iter__ = __next__ = __bool__ = __len__ = __getitem__ = __contains__ = __enter__ = __eq__ = used
    __hash__ = None


class Savepoint:
    """Of begin(), begin_nested(): without a way back, it is nothing."""

    is_active = True

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return False

    def commit(self):
        pass

    close = commit

    def rollback(self):
        refuse('it rolls back')


def connection_of(mock):
    """The connection of Alembic's offline mode, as one that keeps parameters and refuses to be read."""
    class Connection(type(mock)):
        closed = False
        autocommit = False
        checkfirst = False

        def __init__(self, dialect):
            self._dialect = dialect
            self.__dict__.pop('execute', None)

        def __getattr__(self, name):
            if name.startswith('__') or State.active is None:
                raise AttributeError(name)
            refuse('it needs a connection (%s)' % name)

        def execute(self, construct, *multiparams, **params):
            for name in ('execution_options', '_sa_skip_events'):
                params.pop(name, None)
            if 'parameters' in params:
                multiparams, params = (params.pop('parameters'),), params
            before = State.active and State.active.autocommit
            if self.autocommit and State.active:
                State.active.autocommit = True
            try:
                self.send(construct, rows_of(multiparams, params))
            finally:
                if State.active:
                    State.active.autocommit = before
            return Rows()

        def send(self, construct, rows):
            from sqlalchemy.schema import DDLElement
            if not (self.checkfirst and isinstance(construct, DDLElement)):
                send(construct, rows, self._dialect)
            elif State.active:
                State.active.add(if_missing(rendered(construct, {}, self._dialect)))

        def exec_driver_sql(self, sql, parameters=None, **options):
            return self.execute(sql, *([] if parameters is None else [parameters]))

        def scalar(self, *args, **kw):
            self.execute(*args, **kw)
            refuse('it reads what a statement returns (scalar)')

        scalars = scalar

        def execution_options(self, **options):
            if options.get('isolation_level') != 'AUTOCOMMIT':
                return self
            other = type(self)(self._dialect)
            other.autocommit = True
            return other

        def begin(self, *args):
            return Savepoint()

        begin_nested = begin

        def in_transaction(self):
            return True

        def commit(self):
            State.active.add('COMMIT; BEGIN')

        def _run_ddl_visitor(self, visitor, element, connection=None, **kw):
            target = type(self)(self._dialect)
            target.autocommit, target.checkfirst = self.autocommit, bool(kw.get('checkfirst'))
            kw['checkfirst'] = False
            visitor(self._dialect, target, **kw).traverse_single(element)

    Connection._run_visitor = Connection._run_ddl_visitor     # SQLAlchemy 1.3
    Connection.create = lambda self, entity, **kw: self._run_ddl_visitor(schema_visitors()[0], entity, **kw)
    Connection.drop = lambda self, entity, **kw: self._run_ddl_visitor(schema_visitors()[1], entity, **kw)
    no_inspection(Connection)
    return Connection(mock.dialect)


def schema_visitors():
    from sqlalchemy.sql import ddl
    return ddl.SchemaGenerator, ddl.SchemaDropper


def no_inspection(connection):
    from sqlalchemy import inspection

    def refuse_inspection(subject):
        refuse('it inspects the database')
    inspection._inspects(connection)(refuse_inspection)


def rows_of(multiparams, params):
    """The arguments of execute(), in the manners of all versions, as sets of parameters."""
    if len(multiparams) == 1 and multiparams[0] is None:
        multiparams = ()
    if not multiparams:
        return [params]
    first = multiparams[0]
    if len(multiparams) == 1 and isinstance(first, (list, tuple)):
        if first and all(hasattr(row, 'keys') or isinstance(row, (list, tuple)) for row in first):
            return list(first)
        return [first or {}]
    if all(hasattr(row, 'keys') or isinstance(row, (list, tuple)) for row in multiparams):
        return list(multiparams)
    return [multiparams]


NAME = r'((?:"(?:[^"]|"")+"|[\w$]+)(?:\.(?:"(?:[^"]|"")+"|[\w$]+))?)'


def if_missing(sql):
    """What is made with checkfirst, as SQL that looks first by itself."""
    sql = sql.strip()
    match = re.match('CREATE TYPE ' + NAME, sql)
    if match:
        tag = '$migr$'
        while tag in sql:
            tag = tag[:-1] + '_$'
        return ('DO %s\nBEGIN\n    IF pg_catalog.to_regtype(%s) IS NULL THEN\n        %s;\n    END IF;\nEND %s'
                % (tag, literal(match.group(1)), sql, tag))
    if re.match(r'DROP (TABLE|TYPE|SEQUENCE|INDEX) (?!IF )', sql):
        return re.sub(r'\A(DROP \w+) ', r'\1 IF EXISTS ', sql)
    if re.match(r'CREATE (TABLE|SEQUENCE|INDEX|UNIQUE INDEX) (?!IF )', sql):
        return re.sub(r'\A(CREATE (?:UNIQUE )?\w+) ', r'\1 IF NOT EXISTS ', sql)
    if re.match(r'COMMENT ON ', sql):
        return sql
    refuse('it looks whether something exists (checkfirst)')


# --- hooks in Alembic ---------------------------------------------------------------


def hook_alembic():
    from alembic import util
    from alembic.ddl import impl
    try:
        from alembic.runtime import environment, migration
    except ImportError:
        fail('this Alembic is too old: 0.8 is the first that can be asked')
    hook_context(migration.MigrationContext)
    hook_connecting()
    impl.DefaultImpl._exec = execute_by_impl
    impl.DefaultImpl.static_output = lambda self, text: State.active and State.active.add(text)
    impl.DefaultImpl.emit_begin = impl.DefaultImpl.emit_commit = lambda self: None
    was_offline = environment.EnvironmentContext.is_offline_mode
    environment.EnvironmentContext.is_offline_mode = lambda self: State.active is None and was_offline(self)
    load = util.load_python_file
    util.load_python_file = lambda folder, name: load_file(load, folder, name)


def hook_context(context):
    construct, connect = context.__init__, context._stdout_connection

    def init(self, dialect, connection, opts, *args, **kw):
        if dialect.name != 'postgresql':
            State.dialect = dialect.name
        opts = dict(opts, as_sql=True, output_buffer=io.StringIO(), literal_binds=True)
        opts.pop('on_version_apply', None)
        construct(self, postgresql(dialect), None, opts, *args, **kw)
        State.context = self

    @contextlib.contextmanager
    def autocommit_block(self):
        section = State.active
        before, section.autocommit = section.autocommit, True
        try:
            yield
        finally:
            section.autocommit = before

    context.__init__ = init
    context._stdout_connection = lambda self, connection: connection_of(connect(self, connection))
    context.autocommit_block = autocommit_block
    context.run_migrations = render_all
    # A revision that asks is to do what it does with a database.
    context.as_sql = property(lambda self: not asked_by_revision(),
                              lambda self, value: None)


def asked_by_revision():
    return State.active is not None and same_file(sys._getframe(2).f_code.co_filename, State.active.path)


def hook_connecting():
    """A revision that goes elsewhere by itself would do so for real."""
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    def connecting(*args, **kw):
        if State.active is not None:
            refuse('it connects to a database by itself')

    def audit(what, args):
        if State.active is not None and what in ('socket.connect', 'subprocess.Popen', 'os.system', 'os.exec'):
            refuse('it %s by itself' % ('connects to something' if what == 'socket.connect' else 'starts a program'))

    event.listen(Engine, 'do_connect', connecting)
    for name in ('psycopg2', 'psycopg', 'asyncpg', 'pg8000'):
        with contextlib.suppress(Exception):
            driver = importlib.import_module(name)
            driver.connect = before(connecting, driver.connect)
    if hasattr(sys, 'addaudithook'):
        sys.addaudithook(audit)


def before(first, function):
    def both(*args, **kw):
        first()
        return function(*args, **kw)
    return both


def execute_by_impl(self, construct, execution_options=None, multiparams=None, params=None):
    from sqlalchemy import text
    if isinstance(construct, str):
        construct = text(construct)
    rows = rows_of((multiparams,) if multiparams else (), dict(params or {}))
    send(construct, rows, self.dialect)
    return Rows()


def load_file(load, folder, name):
    """A file of Python; of a revision that can't be imported, what can be read without that."""
    path = os.path.join(str(folder), str(name))
    if os.path.basename(path) == 'env.py':
        return load(folder, name)
    try:
        with quiet():
            module = load(folder, name)
        State.files[path] = None
        return module
    except Exception as error:
        State.files[path] = error
        return skeleton(path)


def skeleton(path):
    """A module with the docstring and the constants of one that can't be imported."""
    module = types.ModuleType(os.path.basename(path)[:-3])
    module.__file__ = path
    try:
        tree = ast.parse(''.join(linecache.getlines(path)))
    except SyntaxError:
        return module
    module.__doc__ = ast.get_docstring(tree, clean=False)
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, 'target', None)]
        for target in targets:
            with contextlib.suppress(ValueError, AttributeError, TypeError):
                setattr(module, target.id, ast.literal_eval(node.value))
    return module


@contextlib.contextmanager
def quiet():
    """What the project prints is not for the report."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield


def render_all(self, **kw):
    project = {}
    State.projects.append(project)
    State.types = set()
    for revision in State.revisions:
        for direction in ('upgrade', 'downgrade'):
            project[revision.id, direction] = once = rendered_section(self, revision, direction, kw)
            again = rendered_section(self, revision, direction, kw)
            if again.reason is None and len(again.items) == len(once.items):
                once.anew = next((one[2] or 0 for one, other in zip(once.items, again.items)
                                  if one != other), None)
        for sql in project[revision.id, 'upgrade'].texts():
            State.types |= {type_made(sql)} - {None}
            State.types -= set(re.findall(r'\b(?:DROP|ALTER) TYPE (?:IF EXISTS )?' + NAME, sql))


def type_made(sql):
    match = re.match(r'\s*CREATE TYPE %s AS ENUM' % NAME, sql)
    return match and match.group(1)


def rendered_section(context, revision, direction, kw):
    context.impl.memo = {}
    section = State.active = Section(revision.path, set(State.types) if direction == 'upgrade' else ())
    try:
        with quiet():
            function = getattr(revision.loaded(), direction, None)
            if function is None:
                section.missing = True
            else:
                function(**kw)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        section.fail(error)
    finally:
        State.active = None
    return section
