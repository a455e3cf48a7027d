package main

import (
	"fmt"
	"testing"
	"time"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
)

// TestWhoLeftIsNotLetInAgainByComingBack: a container of departed people, a value that
// marks them, and whoever leaves the filter end what somebody may do. That the same
// entry is as it was before gives nothing back: it takes a new change.
func TestWhoLeftIsNotLetInAgainByComingBack(t *testing.T) {
	t.Parallel()
	p := openLDAPPlace(t, 4)
	p.config.Departed = []string{p.aside}
	p.config.DepartedValues = map[string][]string{"title": {"退職"}}
	f := newFollowedCity(t, p, 4)
	f.settled()
	back := fmt.Sprintf("dn: uid=%s,%s\nchangetype: modrdn\nnewrdn: uid=%[1]s\ndeleteoldrdn: 1\nnewsuperior: %[3]s\n", login(1), p.aside, p.base)
	ways := []struct{ leave, back string }{
		{p.move(1), back},
		{p.change(2, "replace: title\ntitle: 退職"), p.change(2, "delete: title")},
		{p.change(3, p.gone), p.change(3, "replace: employeeType\nemployeeType: staff")},
	}
	for i, way := range ways {
		f.change(way.leave)
		f.refused(i+1, 10*time.Second)
	}
	ended := func() {
		t.Helper()
		f.settled()
		for i := range ways {
			f.wants(i+1, "SUBJECT_DEPARTED")
		}
		f.wants(4, "ALLOW")
		roster, err := f.Ledger.Roster(t.Context(), f.Approver, "C01", 0)
		if err != nil || len(roster.Content.Members) != 1 || roster.Content.Members[0].PersonID != f.who[4] {
			t.Errorf("on the roster are %+v, %v", roster.Content.Members, err)
		}
	}
	ended()
	for _, way := range ways {
		f.change(way.back)
	}
	ended()
	v, err := f.Ledger.DirectoryNow(t.Context())
	if err != nil || v.People[meibo.AccountGone] != 3 || v.Held != 0 {
		t.Errorf("%+v, %v", v, err)
	}
	before := f.who[1]
	done := f.Submit(f.Submitter, meibotest.Line(login(1)))
	f.Approve(f.Approver, done)
	f.who[1] = done.Rows[0].PersonID
	f.Pledged(f.who[1])
	f.Notify()
	f.wants(1, "ALLOW")
	if f.who[1] == before {
		t.Error("who has come back is not somebody new")
	}
}
