# Part of migr: scripts of another tool as scripts of migr.  Needs nothing but Python.
# Copyright (c) 2026, migr contributors
#
# Statements, what of them no transaction block may hold, scripts in one or several parts.

import datetime
import decimal
import hashlib
import math
import os
import re
import sys
import tempfile
import uuid


class Unrenderable(AttributeError):
    """There is no SQL for it. An AttributeError, as for hasattr() it has to be one."""

    line = None


def literal(value):
    """A value as psycopg2 puts it into a statement; what that refuses, this does."""
    if value is None:
        return 'NULL'
    if isinstance(value, bool):
        return 'true' if value else 'false'
    if isinstance(value, str):
        return quoted(str.__str__(value))
    if isinstance(value, int):
        return signed(int.__repr__(value))
    if isinstance(value, float):
        return signed(repr(float(value))) if math.isfinite(value) else "'%s'::float" % float(value)
    if isinstance(value, decimal.Decimal):
        return signed(str(value)) if value.is_finite() else "'%s'::numeric" % value
    if isinstance(value, datetime.datetime):
        return "'%s'::timestamp%s" % (value.isoformat(), 'tz' if value.tzinfo else '')
    if isinstance(value, datetime.date):
        return "'%s'::date" % value.isoformat()
    if isinstance(value, datetime.time):
        return "'%s'::time%s" % (value.isoformat(), 'tz' if value.tzinfo else '')
    if isinstance(value, datetime.timedelta):
        return "'%d days %d.%06d seconds'::interval" % (value.days, value.seconds, value.microseconds)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return "'\\x%s'::bytea" % bytes(value).hex()
    if isinstance(value, uuid.UUID):
        return "'%s'::uuid" % value
    if isinstance(value, list):
        return array(value)
    if isinstance(value, tuple) and value:
        return '(%s)' % ', '.join(map(literal, value))
    if hasattr(value, 'adapted') and hasattr(value, 'dumps'):
        return quoted(value.dumps(value.adapted))
    if hasattr(value, 'getquoted'):
        return value.getquoted().decode('utf-8')
    raise Unrenderable('a parameter is of %s, which has no literal' % type(value).__name__)


def array(values):
    if not values:
        return "'{}'"
    if all(value is None for value in values):
        return "'{%s}'" % ','.join('NULL' for value in values)
    return 'ARRAY[%s]' % ', '.join(map(literal, values))


def signed(number):
    # 1 -:x with -2 must not become a comment.
    return ' ' + number if number.startswith('-') else number


def quoted(text):
    if '\0' in text:
        raise Unrenderable('a parameter holds a zero byte')
    text = text.replace("'", "''")
    if '\\' in text:
        return " E'%s'" % text.replace('\\', '\\\\')
    return "'%s'" % text


def interpolated(sql, parameters):
    """A statement in the driver's own manner, %s and %(name)s, with its parameters."""
    positions = iter(parameters) if isinstance(parameters, (list, tuple)) else None

    def value(match):
        if match.group() == '%%':
            return '%'
        try:
            if match.group() == '%s' and positions is not None:
                return literal(next(positions))
            if match.group(1) is not None and positions is None:
                return literal(parameters[match.group(1)])
        except (StopIteration, KeyError):
            pass
        raise Unrenderable('there is no parameter for "%s"' % match.group())

    return re.sub(r'%(?:%|s|\(([^)]*)\)s|.?)', value, sql, flags=re.S)


# --- statements -------------------------------------------------------------------

TOKEN = re.compile(r"""
    (?P<comment>--[^\n]*) | (?P<block>/\*)
    | (?P<string>[eE]'(?:[^'\\]|\\.|'')*' | '(?:[^']|'')*' | "(?:[^"]|"")*")
    | (?P<dollar>\$(?:[A-Za-z_\x80-\U0010ffff][A-Za-z_0-9\x80-\U0010ffff]*)?\$)
    | (?P<word>[A-Za-z_\x80-\U0010ffff][A-Za-z_0-9$\x80-\U0010ffff]*)
    | (?P<space>\s+) | (?P<other>.)""", re.S | re.X)


def end_of_block_comment(text, position):
    depth = 0
    for match in re.compile(r'/\*|\*/').finditer(text, position):
        depth += 1 if match.group() == '/*' else -1
        if depth == 0:
            return match.end()
    return len(text)


class Statement:
    """Text without its semicolon, and its words outside quotes, in upper case."""

    def __init__(self, text, words, ends_in_comment=False):
        self.text = text.strip()
        self.words = words
        self.end = '\n;' if ends_in_comment else ';'

    def __str__(self):
        return self.text + self.end if self.words else self.text

    def is_transaction(self):
        first = self.words[0]
        if first in ('BEGIN', 'COMMIT', 'ROLLBACK', 'SAVEPOINT', 'RELEASE', 'ABORT', 'END'):
            return True
        return self.words[:2] in (['START', 'TRANSACTION'], ['PREPARE', 'TRANSACTION'])

    def is_setting(self):
        return self.words[0] == 'SET' and self.words[1:2] not in (['LOCAL'], ['TRANSACTION'], ['CONSTRAINTS'])

    def runs_alone(self):
        """Refuses to run in a transaction block."""
        words = self.words
        if words[0] == 'VACUUM' or words[:2] == ['ALTER', 'SYSTEM'] or words == ['CLUSTER']:
            return True
        if words[0] in ('CREATE', 'DROP') and words[1:2] in (['DATABASE'], ['TABLESPACE'], ['SUBSCRIPTION']):
            return True
        if words[0] == 'REINDEX':
            return bool({'CONCURRENTLY', 'DATABASE', 'SYSTEM', 'SCHEMA'} & set(words[1:4]))
        if words[0] == 'ALTER':
            return words[-1] == 'CONCURRENTLY'
        return 'INDEX' in words[1:3] and 'CONCURRENTLY' in words[2:4]


def statements(text):
    """SQL statement by statement, split where psql splits it."""
    found, piece, words = [], [], []
    parentheses = body = position = 0
    ended = None

    def finish():
        if ''.join(piece).strip():
            found.append(Statement(''.join(piece), list(words), ended == 'comment'))
        del piece[:], words[:]

    while position < len(text):
        match = TOKEN.match(text, position)
        token, kind, position = match.group(), match.lastgroup, match.end()
        if kind == 'comment' and re.match(r'--\s*mi?g', token, re.I):
            token = '-- | ' + token[2:]     # no directive of ours
        elif kind == 'block':
            position = end_of_block_comment(text, match.start())
            token = text[match.start():position]
        elif kind == 'dollar':
            end = text.find(token, position)
            position = end + len(token) if end >= 0 else len(text)
            token = text[match.start():position]
        elif kind == 'word':
            word = token.upper()
            words.append(word)
            if body or 'FUNCTION' in words[1:4] or 'PROCEDURE' in words[1:4]:
                body += (word == 'BEGIN' or body > 0 and word == 'CASE') - (body > 0 and word == 'END')
        elif token in '()':
            parentheses = max(0, parentheses + (1 if token == '(' else -1))
        elif token == ';' and not parentheses and not body:
            finish()
            continue
        piece.append(token)
        ended = ended if kind == 'space' else kind
    finish()
    return found


class Run:
    """Statements that one transaction may hold, or that none may."""

    def __init__(self, alone):
        self.alone = alone
        self.statements = []

    def does_anything(self):
        return any(statement.words[:1] not in ([], ['SET']) for statement in self.statements)


def runs(items):
    """Items (SQL, outside of a transaction, line) as runs, and what was done to make them."""
    found, notes, settings = [], [], []
    outside = begun = False
    for sql, autocommit, line in items:
        for statement in statements(sql):
            if statement.words and statement.is_transaction():
                outside, begun = boundary(statement, outside, begun, line)
                notes.append((statement.words[0], line, 'taken out'))
                continue
            alone = autocommit or outside or bool(statement.words) and statement.runs_alone()
            if autocommit:
                notes.append(('autocommit_block()', line, 'transaction off'))
            elif alone:
                notes.append(('%s outside of a transaction' % statement.words[0], line, 'transaction off'))
            if not found or found[-1].alone != alone and statement.words:
                if found and not found[-1].does_anything():
                    # Comment goes with what follows, and settings are in settings.
                    lead = [other for other in found.pop().statements if not other.words]
                else:
                    lead = []
                found.append(Run(alone))
                found[-1].statements += lead + settings
            found[-1].statements.append(statement)
            if statement.words and statement.is_setting():
                settings.append(statement)
    return found, notes


def boundary(statement, outside, begun, line):
    """Where a statement of transactions leads from there: outside of one, within one of its own."""
    words = statement.words
    if words[0] in ('ROLLBACK', 'ABORT', 'PREPARE') or 'PREPARED' in words:
        error = Unrenderable('it runs %s' % ' '.join(words[:2]))
        error.line = line
        raise error
    if words[0] in ('BEGIN', 'START'):
        return False, not outside
    if words[0] in ('COMMIT', 'END') and 'CHAIN' not in words:
        return not begun, False
    return outside, begun


def note(notes, what, line, done):
    """Notes the first of each."""
    if not any(text.startswith(what) and text.endswith(done) for text in notes):
        notes.append('%s%s: %s' % (what, of_line(line), done))


def of_line(line):
    return ', line %d' % line if line else ''


# --- scripts ----------------------------------------------------------------------

RESERVED = ('head', 'heads', 'base', 'current', 'none')


def may_be_name(name):
    return bool(re.match(r'[A-Za-z0-9_.]{1,100}\Z', name)) and name not in RESERVED


class Names:
    """Ids and labels as migr takes them, each once; what had to change is in changed."""

    def __init__(self):
        self.given = {}
        self.changed = []

    def of(self, name, kind='id'):
        if (kind, name) not in self.given:
            self.given[kind, name] = self.make(name)
            if self.given[kind, name] != name:
                self.changed.append('%s "%s" is "%s" here' % (kind, name, self.given[kind, name]))
        return self.given[kind, name]

    def make(self, name):
        made = plain = name if may_be_name(name) else re.sub(r'[^A-Za-z0-9_.]', '_', name)[:100] or '_'
        number = 1
        while made in RESERVED or made in self.given.values():
            number += 1
            made = '%s_%d' % (plain[:96], number)
        return made


class Script:
    """A script of migr: directives, comment, and sections, of which None is left out."""

    def __init__(self, revision, revises=(), depends=(), labels=(), message='', created='', comment=''):
        self.revision = revision
        self.revises, self.depends, self.labels = list(revises), list(depends), list(labels)
        self.message, self.created, self.comment = message, created, comment
        self.alone = False
        self.upgrade = []
        self.downgrade = None

    def __str__(self):
        lines = ['-- migr:revision ' + self.revision]
        for word, value in (('revises', ', '.join(self.revises)), ('depends', ', '.join(self.depends)),
                            ('labels', ', '.join(self.labels)), ('message', self.message),
                            ('created', self.created), ('transaction', 'off' if self.alone else '')):
            if value:
                lines.append('-- migr:%s %s' % (word, value))
        if self.comment:
            lines += [''] + [('-- | ' + line).rstrip() for line in self.comment.splitlines()]
        for word, section in (('upgrade', self.upgrade), ('downgrade', self.downgrade)):
            if section is not None:
                lines += ['', '-- migr:' + word] + [str(statement) for statement in section]
        return '\n'.join(lines) + '\n'


def parts(script, up, down, names):
    """A script as one or, where statements of both kinds are in it, several: a chain that
    ends with its id.  up and down are runs; down is None without a way back."""
    undo = list(reversed(down or []))
    agree(up, undo)
    first = (up or undo or [Run(False)])[0].alone
    if up and undo and up[0].alone != undo[0].alone:
        # One of the two begins later.
        first = up[0].alone if max(len(up), len(undo) + 1) <= max(len(up) + 1, len(undo)) else undo[0].alone
    up_from, undo_from = [int(bool(r) and r[0].alone != first) for r in (up, undo)]
    number = max(up_from + len(up), undo_from + len(undo), 1)
    made = []
    for i in range(number):
        last = i == number - 1
        part = Script(script.revision if last else names.of(id_of_part(script.revision, i + 1, number), 'part'),
                      [made[-1].revision] if made else script.revises, [] if made else script.depends,
                      [] if made else script.labels, script.message, script.created,
                      script.comment if last else '')
        if number > 1:
            part.message = ('%s (%d of %d)' % (script.message, i + 1, number)).strip()
        part.alone = first != bool(i % 2)
        part.upgrade = up[i - up_from].statements if 0 <= i - up_from < len(up) else []
        part.downgrade = None if down is None else \
            undo[i - undo_from].statements if 0 <= i - undo_from < len(undo) else []
        made.append(part)
    return made


def id_of_part(revision, i, number):
    """A name behind a name, and behind what was generated something like that, always the same."""
    name = '%s_%dof%d' % (revision, i, number)
    return hashlib.sha256(name.encode()).hexdigest()[:12] if re.match(r'[0-9a-f]{12}\Z', revision) else name


def agree(up, undo):
    """A single statement is as good outside of a transaction, if the way back needs that."""
    if len(up) == len(undo) == 1 and up[0].alone != undo[0].alone:
        within = undo[0] if up[0].alone else up[0]
        within.alone = sum(statement.words[:1] not in ([], ['SET']) for statement in within.statements) <= 1


def stub(reason, where, hint):
    """The statement that says that a section was not converted."""
    fields = [('MESSAGE', reason), ('DETAIL', where), ('HINT', hint), ('ERRCODE', 'feature_not_supported')]
    return 'DO $migr$\nBEGIN\n    RAISE EXCEPTION USING\n        %s;\nEND $migr$;' % ',\n        '.join(
        '%s = %s' % (field, literal(text.replace('$migr$', '$')).strip()) for field, text in fields if text)


def place(files, folder, force):
    """Writes all of the files or none: [(name, text)]."""
    os.makedirs(folder, exist_ok=True)
    there = [name for name, text in files if os.path.lexists(os.path.join(folder, name))]
    if there and not force:
        fail('%s is there already%s: --force replaces what is there' % (
            os.path.join(folder, there[0]), ', as %d more are' % (len(there) - 1) if there[1:] else ''))
    with tempfile.TemporaryDirectory(prefix='.migr', dir=folder) as beside:
        for name, text in files:
            with open(os.path.join(beside, name), 'w', encoding='utf-8', newline='\n') as file:
                file.write(text)
        for name, text in files:
            os.replace(os.path.join(beside, name), os.path.join(folder, name))


def say(text):
    sys.stderr.write('migr: %s\n' % text)


def fail(text):
    say(text)
    sys.exit(1)
