package document

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// readJSON reads {"lines": [{"operation": "add", …}]}; every member is text, and
// null is as good as left out. Rows are the places in the list, from 1.
func readJSON(content []byte) ([]meibo.Line, error) {
	d := jsontext.NewDecoder(bytes.NewReader(content))
	if !opens(d) {
		return nil, refuse("MALFORMED_JSON")
	}
	var lines []meibo.Line
	var problems meibo.Problems
	for d.PeekKind() != ']' {
		if len(lines) == meibo.MaxLines {
			return nil, refuse("TOO_MANY_ROWS")
		}
		line := meibo.Line{Row: len(lines) + 1}
		value, err := d.ReadValue()
		if err != nil {
			return nil, append(problems, meibo.Problem{Row: line.Row, Field: "file", Code: "MALFORMED_JSON"})
		}
		problems = append(problems, fillMembers(&line, value)...)
		lines = append(lines, line)
	}
	if !closes(d) {
		problems = append(problems, meibo.Problem{Field: "file", Code: "MALFORMED_JSON"})
	}
	return lines, problems.Err()
}

// opens reads {"lines": [, and reports whether that is how the file begins.
func opens(d *jsontext.Decoder) bool {
	for _, want := range []jsontext.Kind{'{', '"', '['} {
		token, err := d.ReadToken()
		if err != nil || token.Kind() != want || want == '"' && token.String() != "lines" {
			return false
		}
	}
	return true
}

// closes reads ]}, and reports whether the file ends there.
func closes(d *jsontext.Decoder) bool {
	for _, want := range []jsontext.Kind{']', '}'} {
		if token, err := d.ReadToken(); err != nil || token.Kind() != want {
			return false
		}
	}
	_, err := d.ReadToken()
	return errors.Is(err, io.EOF)
}

// fillMembers puts the members of a JSON object into a line. Problems come in the
// order of the columns, those of unknown members last.
func fillMembers(line *meibo.Line, value jsontext.Value) meibo.Problems {
	var problems meibo.Problems
	bad := func(field string, code meibo.ProblemCode) {
		problems = append(problems, meibo.Problem{Row: line.Row, Field: field, Code: code})
	}
	members := map[string]jsontext.Value{}
	if value.Kind() != '{' || json.Unmarshal(value, &members) != nil {
		bad("file", "MALFORMED_JSON")
		return problems
	}
	for _, c := range columns {
		var cell string
		member, there := members[c.name]
		delete(members, c.name)
		if there && json.Unmarshal(member, &cell) != nil {
			bad(c.name, "NOT_TEXT")
		} else if code := c.fill(line, cell); code != "" {
			bad(c.name, code)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if !meibo.ValidID(name) { // not worth repeating
			name = "file"
		}
		bad(name, "UNKNOWN_FIELD")
	}
	return problems
}
