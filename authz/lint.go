package authz

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// definition is one line of a model: a key such as m3, and what it is defined as.
type definition struct {
	key, value string
}

// defined is a definition and the line on which it stands.
type defined struct {
	definition
	line int
}

// modelParts are the parts of a Casbin model in the order in which we want to read them, each with the letter of its keys.
var modelParts = []struct{ heading, letter string }{
	{"[request_definition]", "r"},
	{"[policy_definition]", "p"},
	{"[role_definition]", "g"},
	{"[policy_effect]", "e"},
	{"[matchers]", "m"},
}

// maxLine is the length in bytes up to which a line is accepted. Casbin breaks lines at 4096 bytes.
const maxLine = 1024

// readModel reads the definitions of a model, and refuses every file that Casbin would read as less than it says.
// Casbin drops what follows a comment within a continued line, a # or ; anywhere in a line, the 4096th byte of a line,
// or a gap in the numbering; of two definitions with one key it keeps the last; and it turns brackets into parentheses.
// Here a line is a comment, a heading, or one whole definition, and definitions are numbered without gap.
func readModel(text string) ([]defined, error) {
	if !utf8.ValidString(text) {
		return nil, flaw(InModel, 0, Unreadable, "text is not UTF-8")
	}
	var definitions []defined
	part, count := -1, 0
	for i, line := range strings.Split(text, "\n") {
		switch {
		case line == "" || strings.HasPrefix(line, "#") && len(line) <= maxLine && !strings.ContainsAny(line, "\r\x00"):
		case part+1 < len(modelParts) && line == modelParts[part+1].heading:
			if part >= 0 && count == 0 {
				return nil, flaw(InModel, i+1, Unreadable, "nothing is defined under %s", modelParts[part].heading)
			}
			part, count = part+1, 0
		case part < 0:
			return nil, flaw(InModel, i+1, Unreadable, "stands before the heading %s", modelParts[0].heading)
		default:
			count++
			d, err := readDefinition(line, numbered(modelParts[part].letter, count))
			if err != nil {
				return nil, flaw(InModel, i+1, Unreadable, "%w", err)
			}
			definitions = append(definitions, defined{d, i + 1})
		}
	}
	if part < len(modelParts)-1 || count == 0 {
		return nil, flaw(InModel, 0, Unreadable, "nothing is defined under %s", modelParts[len(modelParts)-1].heading)
	}
	return definitions, nil
}

// readDefinition reads one line, which must define the key.
func readDefinition(line, key string) (definition, error) {
	got, value, found := strings.Cut(line, "=")
	switch {
	case len(line) > maxLine:
		return definition{}, fmt.Errorf("longer than %d bytes", maxLine)
	case strings.TrimRight(got, " ") != key || !found:
		return definition{}, fmt.Errorf("expected the definition of %s", key)
	case strings.ContainsFunc(line, func(c rune) bool { return c < ' ' || c > '~' || strings.ContainsRune("#;\\[]{}'", c) }):
		return definition{}, fmt.Errorf("definition of %s: a character that Casbin may misread", key)
	}
	value = strings.Trim(value, " ")
	if value == "" {
		return definition{}, fmt.Errorf("definition of %s: empty", key)
	}
	return definition{key, value}, nil
}

// numbered returns the key of the nth definition of a part: m, m2, m3.
func numbered(letter string, n int) string {
	if n == 1 {
		return letter
	}
	return letter + strconv.Itoa(n)
}
