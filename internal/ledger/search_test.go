package ledger_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
)

// A searcher is one of the three searches.
type searcher func(context.Context, meibo.Caller, meibo.Question, ledger.Page) (ledger.Found, error)

// found reads all pages of a search.
func found(t *testing.T, search searcher, c meibo.Caller, q meibo.Question, limit int) (names []string) {
	t.Helper()
	p := ledger.Page{Limit: limit}
	for {
		page, err := search(t.Context(), c, q, p)
		if err != nil {
			t.Fatal(err)
		}
		if len(page.Names) > limit || page.Next != "" && len(page.Names) != limit {
			t.Fatalf("a page of %d with limit %d, next %q", len(page.Names), limit, page.Next)
		}
		names = append(names, page.Names...)
		if p.Token = page.Next; p.Token == "" {
			return names
		}
	}
}

// TestASearchIsTheFilterOfChecks: what it finds is what is allowed when each is
// asked for by itself, for every combination of a few people, assets and actions.
func TestASearchIsTheFilterOfChecks(t *testing.T) {
	each(t, func(t *testing.T, c *meibotest.City) {
		var people []meibo.PersonID
		for _, login := range []string{"e001", "e002", "e003", "e004"} {
			people = append(people, c.Employed(login))
		}
		line := meibotest.Line("")
		line.Login, line.PersonID, line.Name, line.Kana, line.Adult, line.Employment, line.Pledge = "", people[1], "", "", "", "", ""
		line.Action = "update"
		done := c.Submit(c.Submitter, line)
		c.Approve(c.Approver, done)
		c.Notify()
		c.Submit(c.Submitter, meibo.Line{Operation: meibo.Remove, ContractID: "C01", PersonID: people[3], Reason: meibo.ReasonTransfer})
		all := append(people, "nobody")
		assets, actions := []meibo.AssetID{"A01", "A11", "A99"}, []meibo.Action{"view", "update", "print", "fly"}
		purposes := []meibo.PurposeCode{meibotest.Purpose, "U.TAX.RES.ASSESS.VERIFY", "Z.CURIOUS", ""}
		total := 0
		for _, purpose := range purposes {
			for _, asset := range assets {
				for _, action := range actions {
					q := meibo.Question{Person: "whoever", Contract: "C01", Asset: asset, Action: action, Purpose: purpose}
					want := allowedOf(c, all, func(p meibo.PersonID) meibo.Question { r := q; r.Person = p; return r })
					for _, limit := range []int{1, 2, 500} {
						got := found(t, c.Ledger.SearchSubjects, c.System, q, limit)
						slices.Sort(got)
						if diff := cmp.Diff(want, got); diff != "" {
							t.Errorf("people for %+v by %d (-checks +search):\n%s", q, limit, diff)
						}
					}
					total += len(want)
				}
			}
			for _, person := range all {
				for _, action := range actions {
					q := meibo.Question{Person: person, Contract: "C01", Asset: "whatever", Action: action, Purpose: purpose}
					want := allowedOf(c, assets, func(a meibo.AssetID) meibo.Question { r := q; r.Asset = a; return r })
					if diff := cmp.Diff(want, found(t, c.Ledger.SearchResources, c.System, q, 1)); diff != "" {
						t.Errorf("assets for %+v (-checks +search):\n%s", q, diff)
					}
				}
				q := meibo.Question{Person: person, Contract: "C01", Asset: "A01", Action: "whatever", Purpose: purpose}
				want := allowedOf(c, actions, func(a meibo.Action) meibo.Question { r := q; r.Action = a; return r })
				if diff := cmp.Diff(want, found(t, c.Ledger.SearchActions, c.System, q, 1)); diff != "" {
					t.Errorf("actions for %+v (-checks +search):\n%s", q, diff)
				}
			}
		}
		if total < 5 {
			t.Errorf("only %d were found: nothing was shown", total)
		}
	})
}

// allowedOf are those whose question is allowed, in order.
func allowedOf[T ~string](c *meibotest.City, all []T, ask func(T) meibo.Question) []string {
	var names []string
	for _, one := range all {
		if c.Ask(ask(one)).Allowed {
			names = append(names, string(one))
		}
	}
	slices.Sort(names)
	return names
}

func TestASearchKnowsKindsAndCallers(t *testing.T) {
	each(t, func(t *testing.T, c *meibotest.City) {
		person := c.Employed("e001")
		q := meibotest.Question(person)
		typed := func(s meibo.SubjectType, r meibo.ResourceType) meibo.Question {
			q := q
			q.Naming = meibo.Naming{Subject: s, Resource: r}
			return q
		}
		for name, x := range map[string]struct {
			search searcher
			q      meibo.Question
			want   int
		}{
			"people": {c.Ledger.SearchSubjects, typed(meibo.SubjectPerson, ""), 1}, "services": {c.Ledger.SearchSubjects, typed(meibo.SubjectService, ""), 0},
			"logins": {c.Ledger.SearchSubjects, typed(meibo.SubjectLogin, ""), 0}, "others": {c.Ledger.SearchSubjects, typed("user", ""), 0},
			"assets": {c.Ledger.SearchResources, typed("", meibo.ResourceAsset), 1}, "containers": {c.Ledger.SearchResources, typed("", meibo.ResourceContainer), 0},
			"records": {c.Ledger.SearchResources, typed("", "record"), 0}, "people for a record": {c.Ledger.SearchSubjects, typed("", "record"), 0},
			"actions of a user": {c.Ledger.SearchActions, typed("user", ""), 0},
			"actions by login":  {c.Ledger.SearchActions, named(meibo.SubjectLogin, "e001"), 1},
			"assets by login":   {c.Ledger.SearchResources, named(meibo.SubjectLogin, "e001"), 1},
			"by nobody's login": {c.Ledger.SearchActions, named(meibo.SubjectLogin, "e009"), 0},
		} {
			if got := found(t, x.search, c.System, x.q, 10); len(got) != x.want {
				t.Errorf("%s: %v, want %d", name, got, x.want)
			}
		}
		for _, search := range []searcher{c.Ledger.SearchSubjects, c.Ledger.SearchResources, c.Ledger.SearchActions} {
			if _, err := search(t.Context(), c.Submitter, q, ledger.Page{}); !errors.Is(err, meibo.ErrForbidden) {
				t.Errorf("no system: %v", err)
			}
			if _, err := search(t.Context(), c.System, q, ledger.Page{Limit: 501}); !errors.Is(err, meibo.ErrInvalid) {
				t.Errorf("a great page: %v", err)
			}
		}
		c.Employed("e002")
		page, err := c.Ledger.SearchSubjects(t.Context(), c.System, q, ledger.Page{Limit: 1})
		if err != nil || page.Next == "" || page.Revision == 0 {
			t.Fatalf("%+v, %v", page, err)
		}
		other := q
		other.Action = "update"
		if _, err := c.Ledger.SearchSubjects(t.Context(), c.System, other, ledger.Page{Token: page.Next}); !errors.Is(err, meibo.ErrInvalid) {
			t.Errorf("a token of another question: %v", err)
		}
		if _, err := c.Ledger.SearchResources(t.Context(), c.System, q, ledger.Page{Token: page.Next}); !errors.Is(err, meibo.ErrInvalid) {
			t.Errorf("a token of another search: %v", err)
		}
	})
}

// TestASearchSeesARevocation: nobody is found by a search that begins after his
// revocation has returned.
func TestASearchSeesARevocation(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		c := meibotest.NewCity(t, url, directoryOf())
		q := meibotest.Question(c.Employed("e001"))
		var turn, seen, missed atomic.Int64 // odd: the revocation has returned
		stop := make(chan struct{})
		var searchers sync.WaitGroup
		searchers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				before := turn.Load()
				page, err := c.Ledger.SearchSubjects(t.Context(), c.System, q, ledger.Page{})
				if err != nil {
					t.Error(err)
					return
				}
				if before%2 == 1 && turn.Load() == before && len(page.Names) > 0 {
					t.Errorf("found at revision %d after the revocation had returned", page.Revision)
				}
				if len(page.Names) > 0 {
					seen.Add(1)
				} else {
					missed.Add(1)
				}
			}
		})
		account := func(s meibo.AccountState) {
			t.Helper()
			if _, err := c.Reconcile(ledger.Finding{Changed: []meibo.Account{{Entry: "entryUUID:e001", State: s}}}); err != nil {
				t.Fatal(err)
			}
		}
		for i := 0; i < 100 && (i < 10 || seen.Load() == 0 || missed.Load() == 0); i++ {
			account(meibo.AccountDisabled)
			turn.Add(1)
			for n := seen.Load() + missed.Load(); seen.Load()+missed.Load() < n+2; {
				runtime.Gosched()
			}
			turn.Add(1)
			account(meibo.AccountEnabled)
		}
		close(stop)
		searchers.Wait()
		if seen.Load() == 0 || missed.Load() == 0 {
			t.Errorf("found %d times, not found %d times: nothing was shown", seen.Load(), missed.Load())
		}
	})
}
