package authz_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/meibo-dev/meibo/authz"
)

func TestMalformedQuestions(t *testing.T) {
	for _, c := range []struct {
		name  string
		alter func(q *authz.Question)
		want  []string
	}{
		{"a whole question is well-formed", func(q *authz.Question) {}, nil},
		{"a purpose may be missing", func(q *authz.Question) { q.Purpose = "" }, nil},
		{"an identifier may have 128 bytes", func(q *authz.Question) { q.Person = strings.Repeat("x", 128) }, nil},
		{"an identifier may not have 129 bytes", func(q *authz.Question) { q.Person = strings.Repeat("x", 129) }, []string{"person"}},
		{"an identifier may be a UUID", func(q *authz.Question) { q.Person = "0198f6a2-7b1c-7e55-9f00-3c1d2e4f5a6b" }, nil},
		{"an identifier may be an address", func(q *authz.Question) { q.Person = "e002@data.kakuu.example" }, nil},
		{"the empty question lacks everything", func(q *authz.Question) { *q = authz.Question{} },
			[]string{"system", "person", "contract", "asset", "action", "at"}},
		{"a dash is no identifier", func(q *authz.Question) { q.System = "-" }, []string{"system"}},
		{"a star is no identifier", func(q *authz.Question) { q.Asset = "*" }, []string{"asset"}},
		{"a comma is refused", func(q *authz.Question) { q.Contract = "C01,C02" }, []string{"contract"}},
		{"a dollar is refused", func(q *authz.Question) { q.Action = "a$$b" }, []string{"action"}},
		{"a slash is refused", func(q *authz.Question) { q.Contract = "K1/C01" }, []string{"contract"}},
		{"a blank is refused", func(q *authz.Question) { q.Person = "E002 " }, []string{"person"}},
		{"letters beyond ASCII are refused", func(q *authz.Question) { q.Person = "髙﨑" }, []string{"person"}},
		{"an ill-formed purpose is refused", func(q *authz.Question) { q.Purpose = ".U" }, []string{"purpose"}},
		{"a question without a moment is refused", func(q *authz.Question) { q.At = time.Time{} }, []string{"at"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			q, _ := allowed()
			c.alter(&q)
			if diff := cmp.Diff(c.want, q.Malformed()); diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMomentsBeyondTheCalendarDeny(t *testing.T) {
	policy := load(t)
	for _, year := range []int{-5, 1, 9999, 10000, 250000} {
		q, f := allowed()
		q.At = time.Date(year, 12, 31, 23, 59, 59, 999999999, time.UTC)
		f.Contract.Term.Until, f.Assignment.Term.Until, f.Rights[0].Term.Until = time.Time{}, time.Time{}, time.Time{}
		if d := decide(t, policy, q, f); d.Allowed {
			t.Errorf("allowed in the year %d", year)
		}
	}
}
