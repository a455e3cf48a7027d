package authz_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/meibo-dev/meibo/authz"
)

func TestPeopleAskAtTheSameTimeWithoutDisturbingEachOther(t *testing.T) {
	policy := load(t)
	var wait sync.WaitGroup
	for worker := range 8 {
		wait.Go(func() {
			for i := range 200 {
				q, f := allowed()
				if (worker+i)%2 == 0 {
					q, f = subcontractedTwice(q, f)
				}
				f.Rights[0].ID = strings.Repeat("R", worker+1)
				revoked := i%3 == 0
				if revoked {
					f.Rights = nil
				}
				d, err := policy.Decide(q, f)
				if err != nil || d.Allowed == revoked || !revoked && d.Right != f.Rights[0].ID {
					t.Errorf("revoked = %t: got %v with right %q and error %v", revoked, d.Codes, d.Right, err)
				}
			}
		})
	}
	wait.Wait()
}

func TestNothingOfAQuestionIsLeftBehind(t *testing.T) {
	q, f := subcontractedTwice(allowed())
	left, err := authz.LeftBehind(load(t), q, f)
	if err != nil {
		t.Fatal(err)
	}
	if len(left) != 25 {
		t.Errorf("got %d sections, want 25", len(left))
	}
	for section, rows := range left {
		if len(rows) != 1 || strings.Trim(strings.Join(rows[0], ""), "!") != "" {
			t.Errorf("section %s holds %v, want the closed row alone", section, rows)
		}
	}
}

func TestAnErrorOfCasbinIsOneLine(t *testing.T) {
	q, f := allowed()
	err := authz.AskWithTheWrongType(load(t), q, f)
	if err == nil || strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), "condition directory: evaluate matcher m5") {
		t.Errorf("got error %v, want one line that names the condition", err)
	}
}
