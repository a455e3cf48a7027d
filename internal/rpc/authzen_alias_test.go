package rpc_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// ownWords: a system's questions may use the words that it is registered with, and
// no other system's may.
func ownWords(t *testing.T, h *house) {
	person := h.estate(t).person
	ask3 := func(kind, id, act, resource string) string {
		return fmt.Sprintf(`{"subject":{"type":%q,"id":%q},"action":{"name":%q},"resource":{"type":%q,"id":"A01"},%s}`, kind, id, act, resource, searchContext())
	}
	for _, c := range []struct {
		name, client, body string
		want               []string
	}{
		{"a user", "codes", ask3("user", "e001", "view", "asset"), []string{"ALLOW"}},
		{"a user by id", "codes", ask3("user", string(person), "view", "asset"), []string{"SUBJECT_UNKNOWN"}},
		{"staff", "codes", ask3("staff", string(person), "view", "asset"), []string{"ALLOW"}},
		{"to read", "codes", ask3("person", string(person), "read", "asset"), []string{"ALLOW"}},
		{"to write", "codes", ask3("person", string(person), "write", "asset"), []string{"ACTION_NOT_GRANTED"}},
		{"a record", "codes", ask3("person", string(person), "view", "record"), []string{"ALLOW"}},
		{"all of them", "codes", ask3("user", "e001", "read", "record"), []string{"ALLOW"}},
		{"a user of another system", "tax-input", ask3("user", "e001", "view", "asset"), []string{"SUBJECT_UNKNOWN"}},
		{"to read in another system", "tax-input", ask3("person", string(person), "read", "asset"), []string{"ACTION_NOT_GRANTED"}},
		{"a record of another system", "tax-input", ask3("person", string(person), "view", "record"), []string{"ASSET_UNKNOWN", "RIGHT_MISSING"}},
	} {
		e := h.evaluate(t, c.client, c.body)
		if *e.Decision != (c.want[0] == "ALLOW") || e.Context.PrimaryCode != c.want[0] {
			t.Errorf("%s: %v, want %v", c.name, e.Context.Codes, c.want)
		}
	}
	var found searched
	h.do(t, ask{verb: "POST", path: subjectPath, client: "codes",
		body: `{"subject":{"type":"staff"},"action":{"name":"read"},"resource":{"type":"record","id":"7"},` + searchContext() + `}`}).json(t, &found)
	if diff := cmp.Diff([]map[string]string{{"type": "staff", "id": string(person)}}, found.Results[:min(1, len(found.Results))]); diff != "" {
		t.Errorf("staff (-want +got):\n%s", diff)
	}
}
