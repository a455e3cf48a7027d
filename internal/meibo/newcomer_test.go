package meibo_test

import (
	"testing"
)

func TestOfANewcomerEverythingIsWanted(t *testing.T) {
	d := newDesk(t)
	bare := newcomer("saki", "")
	bare.Name, bare.Kana, bare.EmployerID, bare.Employment, bare.Adult = "", "", "", "", ""
	same(t, d.refused(primeSubmitter, bare), []string{
		"1 name: REQUIRED", "1 employer: REQUIRED", "1 employment: REQUIRED", "1 adult: REQUIRED", "1 kana: REQUIRED",
	})
}

func TestWhoIsKnownByLoginIsNotDescribedAgain(t *testing.T) {
	d := newDesk(t)
	d.enlist(newcomer("saki", "髙﨑 咲"))
	again := newcomer("saki", "")
	again.Name, again.Kana, again.Employment, again.Adult, again.Action = "", "", "", "", "update"
	d.enlist(again)
	members := d.Members(d.now)
	if len(members) != 1 || len(members[0].Rights) != 2 {
		t.Errorf("members: %+v", members)
	}
	bare := again
	bare.Action = "print"
	other := newcomer("riku", "陸")
	more := newcomer("riku", "")
	more.Kana, more.Employment, more.Adult, more.Action = "", "", "", "print"
	d.enlist(bare, other, more)
	if members = d.Members(d.now); len(members) != 2 {
		t.Errorf("members: %+v", members)
	}
}
