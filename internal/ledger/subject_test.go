package ledger_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
)

// named is the usual question about whom a name of a kind names.
func named(kind meibo.SubjectType, name meibo.Personal) meibo.Question {
	q := meibotest.Question("")
	q.Naming = meibo.Naming{Subject: kind, Name: name}
	return q
}

func TestALoginNamesAPersonWithoutADirectory(t *testing.T) {
	each(t, func(t *testing.T, c *meibotest.City) {
		person := c.Employed("e001")
		d := c.Ask(named(meibo.SubjectLogin, "e001"))
		if wants(t, d, "ALLOW"); d.Question.Person != person {
			t.Errorf("recorded of %q, want %q", d.Question.Person, person)
		}
		for name, codes := range map[meibo.Personal][]string{
			"E001": {"SUBJECT_UNKNOWN"}, "e001 ": {"SUBJECT_UNKNOWN"}, "e002": {"SUBJECT_UNKNOWN"}, "*": {"SUBJECT_UNKNOWN"},
			"\xff": {"SUBJECT_UNKNOWN"}, "髙﨑": {"SUBJECT_UNKNOWN"}, meibo.Personal(strings.Repeat("e", 300)): {"SUBJECT_UNKNOWN"}, "": {"REQUEST_MALFORMED"},
		} {
			wants(t, c.Ask(named(meibo.SubjectLogin, name)), codes...)
		}
		wants(t, c.Ask(named(meibo.SubjectMail, "e001@example.com")), "SUBJECT_UNKNOWN")
		wants(t, c.Ask(named(meibo.SubjectService, "e001")), "REQUEST_MALFORMED")
		elsewhere := named(meibo.SubjectLogin, "e001")
		elsewhere.Contract = "C99"
		wants(t, c.Ask(elsewhere), "CONTRACT_UNKNOWN", "SUBJECT_UNKNOWN")
		c.Submit(c.Submitter, meibo.Line{Operation: meibo.Remove, ContractID: "C01", PersonID: person, Reason: meibo.ReasonTransfer})
		wants(t, c.Ask(named(meibo.SubjectLogin, "e001")), "ROSTER_MEMBER_ENDED")
	})
}

func TestALoginOfTwoCompaniesNamesNobody(t *testing.T) {
	each(t, func(t *testing.T, c *meibotest.City) {
		c.Employed("e001")
		other := meibotest.Line("e001")
		other.EmployerID = "S1"
		c.Submit(c.Sub, other)
		d := c.Ask(named(meibo.SubjectLogin, "e001"))
		if wants(t, d, "SUBJECT_AMBIGUOUS"); d.Allowed || d.MaxAge != 0 || d.RightID != "" || len(d.Clauses) == 0 {
			t.Errorf("got %+v", d)
		}
	})
}

// TestTheDirectoryKnowsWhomALoginNames: its entry is the identity, whatever the
// ledger once wrote down of the login.
func TestTheDirectoryKnowsWhomALoginNames(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		entries := map[string][]meibo.Account{}
		account := func(entry string) meibo.Account {
			return meibo.Account{Entry: "entryUUID:" + entry, State: meibo.AccountEnabled}
		}
		var broken error
		find := func(_ context.Context, base, name string) ([]meibo.Account, error) {
			if base != "o=K1,dc=example" {
				return nil, nil
			}
			return entries[name], broken
		}
		entries["e001"], entries["e002"] = []meibo.Account{account("1")}, []meibo.Account{account("2")}
		c := meibotest.NewCity(t, url, &ledger.Directory{Find: find, FindMail: find})
		first, second := c.Employed("e001"), c.Employed("e002")
		// the logins change hands, and mail addresses appear
		entries["e001"], entries["e002"], entries["new"] = []meibo.Account{account("2")}, []meibo.Account{account("1"), account("2")}, []meibo.Account{account("3")}
		entries["one@k1.example"] = []meibo.Account{account("1")}
		for _, q := range []struct {
			kind  meibo.SubjectType
			name  meibo.Personal
			want  meibo.PersonID
			codes []string
		}{
			{meibo.SubjectLogin, "e001", second, []string{"ALLOW"}},
			{meibo.SubjectLogin, "e002", meibo.NoID, []string{"SUBJECT_AMBIGUOUS"}},
			{meibo.SubjectLogin, "new", meibo.NoID, []string{"SUBJECT_UNKNOWN"}},
			{meibo.SubjectMail, "one@k1.example", first, []string{"ALLOW"}},
			{meibo.SubjectMail, "e002", meibo.NoID, []string{"SUBJECT_AMBIGUOUS"}},
			{meibo.SubjectMail, "two@k1.example", meibo.NoID, []string{"SUBJECT_UNKNOWN"}},
		} {
			d := c.Ask(named(q.kind, q.name))
			if wants(t, d, q.codes...); d.Question.Person != q.want {
				t.Errorf("%s %s is recorded of %q, want %q", q.kind, q.name, d.Question.Person, q.want)
			}
		}
		broken = errors.New("connection reset")
		wants(t, c.Ask(named(meibo.SubjectLogin, "e001")), "SYNC_STALE")
		wants(t, c.Ask(named(meibo.SubjectMail, "one@k1.example")), "SYNC_STALE")
	})
}

func TestAResourceOfAnotherKindIsNone(t *testing.T) {
	each(t, func(t *testing.T, c *meibotest.City) {
		q := meibotest.Question(c.Employed("e001"))
		for kind, codes := range map[meibo.ResourceType][]string{
			meibo.ResourceAsset: {"ALLOW"}, meibo.ResourceContainer: {"ASSET_UNKNOWN"}, "record": {"ASSET_UNKNOWN"},
		} {
			q.Naming.Resource = kind
			d := c.Ask(q)
			if d.PrimaryCode != codes[0] && !contains(d.Codes, codes[0]) {
				t.Errorf("%s: %v, want %v", kind, d.Codes, codes)
			}
		}
	})
}

func contains(list []string, word string) bool {
	for _, w := range list {
		if w == word {
			return true
		}
	}
	return false
}
