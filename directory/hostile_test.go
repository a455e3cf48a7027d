package directory_test

import (
	"context"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/meibo-dev/meibo/directory"
)

// persons sends the people with these numbers.
func persons(r *reply, from, to int) {
	for i := from; i <= to; i++ {
		r.person(i)
	}
}

func TestNoHalfAnswerPassesForAWhole(t *testing.T) {
	long := strings.Repeat("x", 5<<10)
	for name, c := range map[string]struct {
		answer func(*reply)
		want   directory.Code
	}{
		"a page without the paging control": {func(r *reply) { persons(r, 1, 10); r.done(0) }, directory.CodePaging},
		"the second page without it": {func(r *reply) {
			if persons(r, 1, 10); r.cookie == "" {
				r.page("next")
			} else {
				r.done(0)
			}
		}, directory.CodePaging},
		"cut between two pages": {func(r *reply) { persons(r, 1, 10); r.page("next"); r.cut() }, directory.CodeCut},
		"time limit":            {func(r *reply) { persons(r, 1, 3); r.done(3) }, "3"},
		"size limit":            {func(r *reply) { persons(r, 1, 3); r.done(4) }, "4"},
		"admin limit":           {func(r *reply) { persons(r, 1, 3); r.done(11) }, "11"},
		"no such object":        {func(r *reply) { r.done(32) }, "32"},
		"insufficient rights":   {func(r *reply) { r.done(50) }, "50"},
		"busy":                  {func(r *reply) { persons(r, 1, 3); r.done(51) }, "51"},
		"unavailable":           {func(r *reply) { r.done(52) }, "52"},
		"a code beyond all":     {func(r *reply) { r.done(4096) }, "4096"},
		"cut before the end":    {func(r *reply) { persons(r, 1, 9); r.cut() }, directory.CodeCut},
		"cut at once":           {func(r *reply) { r.cut() }, directory.CodeCut},
		"silence":               {func(r *reply) { persons(r, 1, 9) }, directory.CodeSilent},
		"half a message":        {func(r *reply) { r.raw([]byte{0x30, 0x20, 0x02, 0x01}) }, directory.CodeSilent},
		"a reference":           {func(r *reply) { r.person(1); r.reference("ldap://other/"); r.page("") }, directory.CodeReferral},
		"an allowed reference and too many of them": {func(r *reply) {
			for range 101 {
				r.reference("ldap://known/")
			}
			r.page("")
		}, directory.CodeReferral},
		"an empty reference":       {func(r *reply) { r.person(1); r.reference(""); r.page("") }, directory.CodeReferral},
		"an entry for another ask": {func(r *reply) { r.raw(message(r.id+7, entryOf("cn=x,"+people))); r.page("") }, directory.CodeLost},
		"done for another ask":     {func(r *reply) { r.id += 7; r.page("") }, directory.CodeSilent},
		"not LDAP":                 {func(r *reply) { r.raw([]byte("HTTP/1.1 400 Bad Request\r\n\r\n")) }, directory.CodeMalformed},
		"an endless length":        {func(r *reply) { r.raw([]byte{0x30, 0x80, 0x02, 0x01, 0x02}) }, directory.CodeMalformed},
		"a length out of the message": {func(r *reply) {
			r.raw([]byte{0x30, 0x0a, 0x02, 0x01, byte(r.id), 0x64, 0x05, 0x04, 0x84, 0x7f, 0xff, 0xff})
		}, directory.CodeMalformed},
		"a huge result": {func(r *reply) {
			op := application(5)
			op.AppendChild(octets(strings.Repeat(long, 100)))
			r.send(op)
		}, directory.CodeMalformed},
		"too many unfit entries": {func(r *reply) {
			for range 1001 {
				r.entry("uid=x,"+people, "uid", "x")
			}
			r.page("")
		}, directory.CodeQuarantine},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t, c.answer)
			began := time.Now()
			cfg := f.config(t)
			cfg.AllowedReferrals = []string{"ldap://known/"}
			_, proof, err := snapshot(open(t, cfg))
			incomplete(t, err, c.want)
			if proof.Complete {
				t.Error("passed for complete")
			}
			if took := time.Since(began); took > 2*time.Second {
				t.Errorf("took %s", took)
			}
			if err != nil && strings.Contains(err.Error(), "uid=") {
				t.Errorf("names somebody: %s", err)
			}
		})
	}
}

// hidden sends no entry.
func hidden(*reply, string) {}

func TestABaseWhoseTopIsHidden(t *testing.T) {
	f := newFake(t, func(r *reply) { r.page("") })
	f.top = hidden
	_, _, err := snapshot(open(t, f.config(t)))
	incomplete(t, err, directory.CodeBase)
}

func TestEmptyPagesAndTheEndOfThem(t *testing.T) {
	var asked atomic.Int32
	f := newFake(t, func(r *reply) {
		if n := asked.Add(1); n < 4 {
			r.page(strings.Repeat("c", int(n)))
			return
		}
		r.person(1)
		r.page("")
	})
	all, proof := complete(t, open(t, f.config(t)))
	if len(all) != 1 || proof.Pages != 4 {
		t.Errorf("%d people in %d pages", len(all), proof.Pages)
	}
	f.people = func(r *reply) { r.page("again") }
	c := f.config(t)
	c.Timeouts.Whole = 200 * time.Millisecond
	_, _, err := snapshot(open(t, c))
	incomplete(t, err, directory.CodeLate)
}

func TestAContextEndsWhateverIsWaitedFor(t *testing.T) {
	f := newFake(t, func(r *reply) { r.page("") })
	f.mute = true
	c := f.config(t)
	c.Timeouts.Silence = 10 * time.Second
	source := open(t, c)
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(100*time.Millisecond, cancel)
	began := time.Now()
	_, err := source.Snapshot(ctx, func(directory.Object) error { return nil })
	incomplete(t, err, directory.CodeCanceled)
	if took := time.Since(began); took > time.Second {
		t.Errorf("took %s", took)
	}
}

func TestATricklingServerIsNotWaitedForWithoutEnd(t *testing.T) {
	f := newFake(t, func(r *reply) {
		for i := 1; i < 100 && !r.gone; i++ {
			r.person(i)
			time.Sleep(20 * time.Millisecond)
		}
	})
	c := f.config(t)
	c.Timeouts.Whole = 300 * time.Millisecond
	_, _, err := snapshot(open(t, c))
	incomplete(t, err, directory.CodeLate)
}

func TestUnfitEntriesOfAHostileServer(t *testing.T) {
	good := id(1).Value
	f := newFake(t, func(r *reply) {
		r.entry("uid=no-id,"+people, "uid", "x")
		r.entry("uid=bad-id,"+people, "entryUUID", "not a uuid")
		r.entry("uid=two-ids,"+people, "entryUUID", good+"\x00"+id(2).Value)
		r.entry("uid=latin1,"+people, "entryUUID", id(3).Value, "cn", "caf\xe9")
		r.entry("uid=\xff,"+people, "entryUUID", id(4).Value)
		r.entry("no dn at all", "entryUUID", id(5).Value)
		r.entry("uid=out,ou=elsewhere,"+suffix, "entryUUID", id(6).Value)
		r.entry("uid=locked\xff,"+people, "entryUUID", id(7).Value, "pwdAccountLockedTime", "000001010000Z")
		r.entry("uid=good,"+people, "ENTRYUUID", strings.ToUpper(good), "UID", "good", "CN;x-b;x-a", "\x01\x02 \u3000")
		r.entry("uid=shadow,"+people, "entryUUID", good, "cn", "caf\xe9")
		r.person(3) // the id of the one in Latin-1
		r.page("")
	})
	all, proof := complete(t, open(t, f.config(t)))
	var flaws []string
	for _, q := range proof.Quarantined {
		flaws = append(flaws, q.Flaw)
	}
	want := "no-id no-id several-ids not-utf8 not-utf8 bad-dn outside-base not-utf8 id-twice id-twice"
	if got := strings.Join(flaws, " "); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if len(all) != 1 || all[0].ID != id(1) || all[0].Login != "good" || all[0].Attr["cn;x-a;x-b"][0] != "\x01\x02 \u3000" {
		t.Errorf("got %+v", all)
	}
	if q := proof.Quarantined[7]; q.ID != id(7) || q.Status.State != directory.Disabled {
		t.Errorf("a lock of an unfit entry is lost: %+v", q)
	}
}

func TestHugeEntriesDoNotFillTheMemory(t *testing.T) {
	huge := entryOf("uid=huge,"+people, "entryUUID", id(9).Value, "cn", strings.Repeat("x", 8<<20)).Bytes()
	values := entryOf("uid=values,"+people, "entryUUID", id(8).Value, "cn", strings.Repeat("\x00", 5000)).Bytes()
	f := newFake(t, func(r *reply) {
		for range 8 {
			r.large(huge)
			r.large(values)
		}
		r.person(1)
		r.page("")
	})
	var before, after runtime.MemStats
	source := open(t, f.config(t))
	runtime.ReadMemStats(&before)
	all, proof := complete(t, source)
	runtime.ReadMemStats(&after)
	if len(all) != 1 || len(proof.Quarantined) != 16 {
		t.Errorf("%d people, %d in quarantine", len(all), len(proof.Quarantined))
	}
	for _, q := range proof.Quarantined {
		if q.Flaw != "oversize" || !strings.HasPrefix(q.DN, "uid=huge,") && !strings.HasPrefix(q.DN, "uid=values,") {
			t.Fatalf("got %+v", q)
		}
	}
	if allocated := (after.TotalAlloc - before.TotalAlloc) >> 20; allocated > 4 {
		t.Errorf("allocated %d MB for 64 MB that are not wanted", allocated)
	} else {
		t.Logf("allocated %d MB", allocated)
	}
}

func TestACanaryThatIsTooLargeIsNone(t *testing.T) {
	f := newFake(t, func(r *reply) { r.page("") })
	c := f.config(t)
	c.Canaries = []directory.Canary{{DN: "cn=canary," + suffix, State: directory.Enabled}}
	complete(t, open(t, c))
	f.top = func(r *reply, base string) {
		if strings.HasPrefix(base, "cn=canary") {
			r.entry(base, "cn", strings.Repeat("x", 300<<10))
		} else {
			r.entry(base)
		}
	}
	_, _, err := snapshot(open(t, c))
	incomplete(t, err, directory.CodeCanary)
}

func TestALookUpTrustsNobody(t *testing.T) {
	f := newFake(t, func(r *reply) { r.person(2); r.page("") })
	_, _, err := open(t, f.config(t)).Lookup(context.Background(), []directory.ID{id(1)})
	incomplete(t, err, directory.CodeMalformed)
	f.people = func(r *reply) { r.entry("uid=p,"+people, "uid", "p"); r.page("") }
	found, _, err := open(t, f.config(t)).Lookup(context.Background(), []directory.ID{id(1)})
	if err != nil || len(found) != 1 || found[0].Status.State != directory.Unknown {
		t.Errorf("an entry that hides its id: %+v, %v", found, err)
	}
	f.people = func(r *reply) { r.entry("uid=p,"+people, "entryUUID", id(1).Value, "cn", "\xff"); r.page("") }
	found, _, err = open(t, f.config(t)).Lookup(context.Background(), []directory.ID{id(1)})
	if err != nil || len(found) != 1 || found[0].Attr != nil || found[0].Status.State != directory.Enabled {
		t.Errorf("an entry that is not UTF-8: %+v, %v", found, err)
	}
	for _, bad := range []directory.ID{{}, {Kind: directory.ObjectGUID, Value: id(1).Value},
		{Kind: directory.EntryUUID, Value: "*"}, {Kind: directory.EntryUUID, Value: "x)(uid=*"}} {
		if _, _, err := open(t, f.config(t)).Lookup(context.Background(), []directory.ID{bad}); err == nil {
			t.Errorf("looked up %q", bad)
		}
	}
}
