package document

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// readJSON reads {"lines": [{"operation": "add", …}]}; every member is text.
func readJSON(content []byte) ([]meibo.Line, error) {
	var file struct {
		Lines []jsontext.Value `json:"lines"`
	}
	if err := json.Unmarshal(content, &file, json.RejectUnknownMembers(true)); err != nil {
		return nil, refuse("MALFORMED_JSON")
	}
	if len(file.Lines) == 0 {
		return nil, refuse("EMPTY_FILE")
	}
	if len(file.Lines) > meibo.MaxLines {
		return nil, refuse("TOO_MANY_ROWS")
	}
	lines := make([]meibo.Line, len(file.Lines))
	var problems meibo.Problems
	for i, value := range file.Lines {
		lines[i].Row = i + 1
		members := map[string]string{}
		if err := json.Unmarshal(value, &members); err != nil {
			problems = append(problems, meibo.Problem{Row: i + 1, Field: "file", Code: "MALFORMED_JSON"})
			continue
		}
		problems = append(problems, fillMembers(&lines[i], members)...)
	}
	return lines, problems.Err()
}

func fillMembers(line *meibo.Line, members map[string]string) meibo.Problems {
	var problems meibo.Problems
	for name, cell := range members {
		c := columnOf(name)
		if c == nil || c.name != name {
			problems = append(problems, meibo.Problem{Row: line.Row, Field: "file", Code: "UNKNOWN_FIELD"})
		} else if code := c.fill(line, cell); code != "" {
			problems = append(problems, meibo.Problem{Row: line.Row, Field: name, Code: code})
		}
	}
	return problems
}
