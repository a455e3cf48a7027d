package authz_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/meibo-dev/meibo/authz"
)

func TestAFlawNamesTheLineToBeMended(t *testing.T) {
	for _, c := range []struct {
		name     string
		file     authz.FlawFile
		old, new string // the first occurrence is replaced
		kind     authz.FlawKind
	}{
		{"a comment that Casbin would take for the end", authz.InModel, "&& p3.registration", "# && p3.registration", authz.Unreadable},
		{"an or", authz.InModel, `&& p3.state == "active"`, `|| p3.state == "active"`, authz.BeyondLanguage},
		{"a part left out of m", authz.InModel, " && r.pledge", "", authz.BeyondLanguage},
		{"a column more", authz.InModel, "p4 = contract, asset", "p4 = contract, asset, eft", authz.BeyondLanguage},
		{"a column of the checklist more", authz.InChecklist, "S2-4-2", "S2-4-2, S2-4-3", authz.Unreadable},
		{"an unknown matcher", authz.InChecklist, "m2, ", "m99, ", authz.Disagreeing},
		{"a condition turned round", authz.InChecklist, "m11,      present", "m11,      absent", authz.Weaker},
	} {
		t.Run(c.name, func(t *testing.T) {
			texts := map[authz.FlawFile]string{authz.InModel: read(t, "model.conf"), authz.InChecklist: read(t, "checklist.csv")}
			before, _, found := strings.Cut(texts[c.file], c.old)
			if !found {
				t.Fatalf("%q does not stand in the file", c.old)
			}
			texts[c.file] = strings.Replace(texts[c.file], c.old, c.new, 1)
			_, err := authz.Parse([]byte(texts[authz.InModel]), []byte(texts[authz.InChecklist]))
			var flaw *authz.Flaw
			if !errors.As(err, &flaw) || flaw.File != c.file || flaw.Line != strings.Count(before, "\n")+1 || flaw.Kind != c.kind {
				t.Errorf("got %+v (%v), want %s in line %d of the %s", flaw, err, c.kind, strings.Count(before, "\n")+1, c.file)
			}
		})
	}
}
