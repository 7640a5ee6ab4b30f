# Part of migr: a project of Alembic, read and written as scripts of migr, and the report.
# Copyright (c) 2026, migr contributors
#
# Exit status: 0, all of it is converted; 1, there is something to look at, or it failed.


class Revision:
    """A revision as its file says it."""

    def __init__(self, module):
        self.path = os.path.abspath(module.__file__)
        self.module = module
        self.id = str(module.revision)
        self.parents = as_tuple(getattr(module, 'down_revision', None))
        self.depends = as_tuple(getattr(module, 'depends_on', None))
        self.labels = as_tuple(getattr(module, 'branch_labels', None))
        self.message, self.created, self.comment, self.undated = described(module.__doc__ or '')

    def loaded(self):
        """Its module; what did not import before may do so now that Alembic is set up."""
        error = State.files.get(self.path)
        if error is not None:
            from alembic import util
            module = util.load_python_file(os.path.dirname(self.path), os.path.basename(self.path))
            if State.files[self.path] is not None:
                raise State.files[self.path]
            if State.active.items:
                refuse('it executes SQL when it is imported')
            self.module = module
        return self.module

    def functions(self):
        tree = ast.parse(''.join(linecache.getlines(self.path)))
        return [node for node in tree.body if isinstance(node, ast.FunctionDef)]

    def source(self, direction):
        """The function as comment of SQL, or nothing if it can't be found."""
        with contextlib.suppress(SyntaxError):
            for node in self.functions():
                lines = linecache.getlines(self.path)[node.lineno - 1:getattr(node, 'end_lineno', node.lineno)]
                if node.name == direction:
                    return ''.join('-- | ' + line for line in lines).rstrip()
        return ''

    def catches(self):
        """The first line where it catches what fails."""
        with contextlib.suppress(SyntaxError):
            for function in self.functions():
                for node in ast.walk(function):
                    if isinstance(node, ast.ExceptHandler):
                        return node.lineno
        return None


def as_tuple(value):
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)


def described(doc):
    """Message, date, further text, and a date that can't be read, of a docstring."""
    message, rest, created, undated = [], [], '', ''
    for paragraph in re.split(r'\n[ \t]*\n', textwrap.dedent(doc).strip()):
        lines = [line.strip() for line in paragraph.split('\n')]
        facts = [line for line in lines if re.match(r'(Revision ID|Revises|Create Date):', line)]
        lines = [line for line in lines if line not in facts]
        for date in (line[12:].strip() for line in facts if line.startswith('Create Date:')):
            created = point_in_time(date)
            undated = '' if created else date
        if lines and ''.join(lines):
            (rest if message or rest or facts and not lines[0] else message).append('\n'.join(lines))
    return ' '.join(' '.join(message).split()), created, '\n\n'.join(rest), undated


def point_in_time(text):
    match = re.match(r'(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d)?)(?:[.,]\d+)?)? ?(Z|[+-]\d\d(?::?\d\d)?)?\Z', text)
    if not match:
        return ''
    time = '%s %s' % (match.group(1), match.group(2) or '00:00:00')
    try:
        datetime.datetime.strptime(time, '%Y-%m-%d %H:%M:%S' if time.count(':') > 1 else '%Y-%m-%d %H:%M')
    except ValueError:
        return ''
    return time + (match.group(3) or '+00').replace('Z', '+00')


# --- the project --------------------------------------------------------------------


def configured(options):
    """Alembic's Config, as its own command makes it."""
    try:
        from alembic.config import Config
    except ImportError as error:
        fail('%s: %s can\'t import alembic: activate the environment of the project, or name its Python by --python'
             % (first_line(error), sys.executable))
    arguments = {'file_': options.config, 'ini_section': options.name or 'alembic', 'stdout': io.StringIO(),
                 'cmd_opts': argparse.Namespace(x=options.x, name=options.name, config=options.config,
                                                raiseerr=True, sql=True, tag=None)}
    if os.path.basename(options.config) == 'pyproject.toml':
        arguments.update(toml_file=options.config, file_='alembic.ini')
    try:
        config = Config(**arguments)
        if not config.get_main_option('script_location') and 'toml_file' not in arguments:
            beside = os.path.dirname(os.path.abspath(options.config))
            if os.path.exists(os.path.join(beside, 'env.py')):
                config.set_main_option('script_location', beside.replace('%', '%%'))
        url = config.get_main_option('sqlalchemy.url')
    except Exception as error:
        fail('%s: %s' % (options.config, first_line(error)))
    if not url or url.startswith('driver:'):
        config.set_main_option('sqlalchemy.url', 'postgresql://')
    return config


def read_project(config):
    """ScriptDirectory, and the revisions in State, parents first."""
    from alembic.script import ScriptDirectory
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter('always')
            script = ScriptDirectory.from_config(config)
            found = list(script.walk_revisions())
    except Exception as error:
        fail('Alembic can\'t read the revisions: %s' % first_line(error))
    for warning in caught:
        if 'evision' in str(warning.message):
            say(str(warning.message))
    State.revisions = [Revision(item.module) for item in reversed(found)]
    if not State.revisions:
        fail('there is no revision in %s' % ', '.join(map(shown, script._version_locations or [script.versions])))
    return script


def environment(config, script):
    from alembic.runtime.environment import EnvironmentContext
    return EnvironmentContext(config, script, fn=lambda revision, context: [], as_sql=True,
                              starting_rev=None, destination_rev='heads', tag=None)


@contextlib.contextmanager
def application(config):
    """Flask-Migrate's env.py asks for the application, which flask's command would find."""
    path = os.path.join(config.get_main_option('script_location') or '', 'env.py')
    if not os.path.exists(path) or 'current_app' not in ''.join(linecache.getlines(path)):
        yield
        return
    from flask.cli import ScriptInfo
    with ScriptInfo(os.environ.get('FLASK_APP')).load_app().app_context():
        yield


def run_env(config, script):
    """Renders all by env.py; what is wrong with that."""
    try:
        with quiet(), application(config), environment(config, script):
            script.run_env()
    except (Exception, SystemExit) as error:
        frames = [(frame, line) for frame, line in traceback.walk_tb(error.__traceback__)
                  if os.path.basename(frame.f_code.co_filename) == 'env.py']
        where = ', line %d' % frames[-1][1] if frames else ''
        return 'env.py%s: %s' % (where, first_line(error))
    return None if State.projects else 'env.py runs no migrations offline'


def run_without_env(config, script):
    del State.projects[:], State.preamble[:]
    with environment(config, script) as env:
        env.configure(dialect_name='postgresql')
        env.run_migrations()


def probe():
    """What would be wrong everywhere, if it were."""
    from sqlalchemy import text, bindparam, literal as parameter
    dialect = postgresql(types.SimpleNamespace())
    value = "it's 100%, :x, \\n,\t%(x)s"
    for construct, given, wanted in (
            (text("SELECT '%'"), {}, "SELECT '%'"),
            (text('SELECT :x'), {'x': value}, 'SELECT ' + literal(value)),
            (text('SELECT :x').bindparams(bindparam('x', value)), {}, 'SELECT ' + literal(value)),
            (parameter(value), {}, literal(value))):
        got = rendered(construct, given, dialect)
        if got != wanted:
            fail('this SQLAlchemy renders %s where %s is meant' % (got, wanted))


def sections_of(revision):
    """What one run of env.py gave; of several, what they agree on."""
    both = []
    for direction in ('upgrade', 'downgrade'):
        found = [project[revision.id, direction] for project in State.projects]
        if any((other.items, other.reason) != (found[0].items, found[0].reason) for other in found):
            found[0].reason = 'env.py runs the migrations %d times, and they differ' % len(found)
        both.append(found[0])
    return both


# --- scripts ------------------------------------------------------------------------


class Conversion:
    """What became of a revision: kind, scripts, notes, and whether somebody has to look."""

    def __init__(self, revision, names):
        self.revision = revision
        self.notes = []
        self.open = False
        up, down = sections_of(revision)
        script = Script(names.of(revision.id), created=revision.created, comment=revision.comment,
                        message=revision.message)
        if revision.undated:
            self.notes.append('Create Date is left out: %s' % revision.undated)
        self.done = []
        self.up = self.ordered(up)
        undo = self.way_back(down, up)
        if up.reason is None and not up.missing and revision.catches():
            self.notes.append('line %d catches what fails, which its script does not' % revision.catches())
        for section in (up, down):
            if section.anew is not None and section.reason is None:
                self.open = True
                self.notes.append('line %d: a value that Python makes anew each time, as by uuid4() or now(), '
                                  'is what it was now' % section.anew)
        self.scripts = parts(script, self.up or [], undo, names)
        self.stub = self.up is None
        if self.stub:
            self.make_stub(up)
        self.notes += self.done
        self.kind = 'stub' if self.stub else 'split' if len(self.scripts) > 1 else \
            'stripped' if self.done else 'as is'

    def ordered(self, section):
        """Statements of a section in runs, or None."""
        if section.missing:
            section.reason = section.reason or 'it has no such function'
        if section.reason is not None:
            return None
        try:
            lead = [(sql, False, None) for sql in State.preamble if is_search_path(sql)]
            found, done = runs((lead if section.items else []) + section.items)
        except Unrenderable as error:
            section.reason, section.line = str(error), error.line
            return None
        for what, line, text in done:
            note(self.done, what, line, text)
        return found

    def way_back(self, section, up):
        found = self.ordered(section)
        if section.on_purpose or section.missing:
            self.notes.append('no way back: %s' % reason_of(section) if section.on_purpose
                              else 'it has no downgrade()')
        elif found is None:
            self.open = True
            self.notes.append('downgrade left out: %s' % (
                'the same' if section.reason == up.reason else reason_of(section)))
        return found

    def make_stub(self, section):
        self.open = True
        self.notes.insert(0, reason_of(section))
        text = stub('revision "%s" was not converted' % self.scripts[-1].revision, reason_of(section),
                    'Write this section in SQL; below is what it was.')
        self.scripts[-1].upgrade = [Statement(text, []), Statement(self.revision.source('upgrade'), [])]


def reason_of(section):
    return '%s%s: %s' % (shown(section.path), of_line(section.line), section.reason)


def is_search_path(sql):
    return re.match(r'\s*SET\s+(SESSION\s+|LOCAL\s+)?search_path\b', sql, re.I)


def name_all():
    """Ids and labels; those that migr takes as they are come first."""
    names = Names()
    wanted = [(revision.id, 'id') for revision in State.revisions]
    wanted += [(label, 'label') for revision in State.revisions for label in revision.labels]
    for name, kind in sorted(wanted, key=lambda pair: not may_be_name(pair[0])):
        names.of(name, kind)
    return names


def connect(conversions, names, script, baseline):
    """Parents, dependencies and labels. A dependency is on the whole of what was split."""
    labelled = {label: conversion for conversion in conversions for label in conversion.revision.labels}
    ids = {conversion.revision.id for conversion in conversions}
    for conversion in conversions:
        revision, first = conversion.revision, conversion.scripts[0]
        first.revises = [names.of(parent) for parent in revision.parents] or ([baseline] if baseline else [])
        first.labels = [names.of(label, 'label') for label in revision.labels]
        for name in revision.depends:
            if name in ids:
                first.depends.append(names.of(name))
            elif name in labelled and len(labelled[name].scripts) == 1:
                first.depends.append(names.of(name, 'label'))
            elif name in labelled:
                first.depends.append(names.of(labelled[name].revision.id))
            else:
                first.depends += [names.of(found.revision) for found in script.get_revisions(name)]


def files_of(conversions):
    """(name, script) of all, named as the files they come from."""
    files, taken = [], set()
    for conversion in conversions:
        stem = re.sub(r'[^\w.-]', '_', os.path.splitext(os.path.basename(conversion.revision.path))[0])
        name = stem
        while name.lower() in taken:
            name = '%s_%s' % (os.path.basename(os.path.dirname(conversion.revision.path)), name)
        taken.add(name.lower())
        number = len(conversion.scripts)
        conversion.files = [name + '.sql'] if number == 1 else \
            ['%s_%dof%d.sql' % (name, i + 1, number) for i in range(number)]
        files += zip(conversion.files, map(str, conversion.scripts))
    return files


MAKES = re.compile(r'CREATE\s+(?:(?:UNLOGGED|TEMP|TEMPORARY|FOREIGN|MATERIALIZED|OR\s+REPLACE|RECURSIVE)\s+)*'
                   r'(?:TABLE|VIEW)\s+(?:IF\s+NOT\s+EXISTS\s+)?' + NAME, re.I)
USES = re.compile(r'(?:ALTER\s+TABLE\s+(?:ONLY\s+)?(?!IF\b)|DROP\s+TABLE\s+(?!IF\b)|INSERT\s+INTO\s+'
                  r'|DELETE\s+FROM\s+(?:ONLY\s+)?|UPDATE\s+(?:ONLY\s+)?'
                  r'|CREATE\s+(?:UNIQUE\s+)?INDEX\s+[^;]*?\bON\s+(?:ONLY\s+)?)' + NAME, re.I)
RENAMES = re.compile(r'ALTER\s+TABLE\s+%s\s+(?:RENAME\s+TO|SET\s+SCHEMA)\s+(\S+)' % NAME, re.I)


def unknown_table(conversions):
    """The first use of a table that nothing before has made: (conversion, table)."""
    made = set()
    for conversion in conversions:
        if conversion.stub:
            return None
        for statement in (each for run in conversion.up for each in run.statements if each.words):
            if statement.words[0] in ('DO', 'CALL', 'SELECT', 'WITH') or 'FUNCTION' in statement.words[:4]:
                return None
            text = re.sub(r'--[^\n]*\n|/\*.*?\*/', '', statement.text, flags=re.S).strip()
            uses, makes, renames = USES.match(text), MAKES.match(text), RENAMES.match(text)
            if uses and plain(uses.group(1)) not in made:
                return conversion, uses.group(1)
            if makes:
                made.add(plain(makes.group(1)))
            if renames:
                made.add(plain(renames.group(2)))
    return None


def plain(name):
    name = name.split('.')[-1]
    return name[1:-1].replace('""', '"') if name.startswith('"') else name.lower()


def baseline_script(names, path):
    with open(path, encoding='utf-8-sig') as file:
        text = file.read()
    script = Script(names.of('baseline', 'baseline'), message='what was there before the first revision')
    script.upgrade = [Statement(text, [])]
    return script


# --- the report -----------------------------------------------------------------------


def report(conversions, names, folder, brief):
    for conversion in conversions:
        if brief and conversion.kind == 'as is' and not conversion.notes:
            continue
        for i, name in enumerate(conversion.files):
            print('%-9s %s' % ('' if i else conversion.kind, os.path.join(folder, name)))
        for text in conversion.notes:
            print(' ' * 10 + text)
    kinds = [conversion.kind for conversion in conversions]
    left_out = sum(text.startswith('downgrade left out')
                   for conversion in conversions for text in conversion.notes)
    print('%s: %s%s' % (counted(len(kinds), 'revision'), ', '.join(
        '%d %s' % (kinds.count(kind), kind) for kind in ('as is', 'stripped', 'split', 'stub')),
        '; %s left out' % counted(left_out, 'downgrade') if left_out else ''))
    for text in names.changed:
        print(text)


def counted(number, what):
    return '%d %s%s' % (number, what, '' if number == 1 else 's')


def report_project(problem, conversions, baseline):
    """What concerns all of it; whether somebody has to look."""
    if problem:
        say('%s; rendered without it: what it sets up, such as naming conventions, is not in the scripts' % problem)
    if State.dialect:
        say('env.py names a database of %s; rendered for PostgreSQL' % State.dialect)
    others = [sql for sql in State.preamble if not is_search_path(sql)]
    if others:
        say('what env.py sends before is left out: %s' % '; '.join(' '.join(sql.split())[:60] for sql in others))
    context = State.context
    table = '.'.join(filter(None, [context.version_table_schema, context.version_table]))
    if table != 'alembic_version' and not problem:
        say('the version is in table %s' % table)
    unknown = None if baseline else unknown_table(conversions)
    if unknown:
        say('the history does not begin with an empty database: %s uses table %s, which no revision before it makes'
            % (shown(unknown[0].revision.path), unknown[1]))
        say('make a baseline of a database as it was before, and convert again: '
            'pg_dump -s -O -x DATABASE >baseline.sql; migr convert alembic --baseline baseline.sql --force')
    return bool(problem or unknown)


def arguments():
    parser = argparse.ArgumentParser()
    for name in ('--config', '--output', '--name', '--baseline'):
        parser.add_argument(name)
    parser.add_argument('--force', action='store_true')
    parser.add_argument('--quiet', action='store_true')
    parser.add_argument('-x', action='append')
    return parser.parse_args()


def main():
    if sys.path and os.path.abspath(sys.path[0]) == os.path.dirname(os.path.abspath(__file__)):
        sys.path.pop(0)
    logging.disable(logging.CRITICAL)
    warnings.simplefilter('ignore')
    options = arguments()
    config = configured(options)
    hook_alembic()
    probe()
    script = read_project(config)
    problem = run_env(config, script)
    if not State.projects:
        run_without_env(config, script)
    names = name_all()
    conversions = [Conversion(revision, names) for revision in State.revisions]
    first = []
    if options.baseline:
        first = [baseline_script(names, options.baseline)]
    connect(conversions, names, script, first[0].revision if first else None)
    files = [('baseline.sql', str(item)) for item in first] + files_of(conversions)
    place(files, options.output, options.force)
    report(conversions, names, options.output, options.quiet)
    to_look_at = report_project(problem, conversions, options.baseline)
    sys.exit(1 if to_look_at or any(conversion.open for conversion in conversions) else 0)


main()
