package document_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/meibo-dev/meibo/internal/document"
	"github.com/meibo-dev/meibo/internal/meibo"
)

// names are those that paper must not spoil: variant characters, planes beyond
// the first, variation sequences that the font has (葛 U+E0100) and has not
// (葛 U+E0101), letters that it lacks (Ł), combining marks.
var names = []meibo.Personal{
	"髙﨑 真理子", "𠮷田 太郎", "內田 花子", "𣘺本 次郎", "葛\U000E0100城 一", "葛\U000E0101西 亮", "渡邉\U000E0101 ゆき", "辻\U000E0101 三郎",
	"𩸽 四郎", "Łukasz Nowak", "か゚ぎ ﾊﾝｶｸ", "=SUM(A1)", "㈱担当 ①", "Nguyễn Thị Ánh", "Rene\u0301 Dvor\u030ca\u0301k",
}

// aMember is a line of a roster.
func aMember(n int) meibo.Member {
	m := meibo.Member{
		Number: n, PersonID: meibo.PersonID(fmt.Sprintf("019aa111-0000-7000-8000-%012d", n)), Name: names[(n-1)%len(names)], Kana: "ナマエ カナ",
		Employer: "K1", EmployerName: "株式会社架空システム", Employment: meibo.Regular, Task: "課税資料の入力", Workplace: "本社3階 作業室",
		Starts: "2026-10-15", Ends: "2027-03-31", Pledge: meibo.PledgeValid, PledgedOn: "2026-10-10",
		Rights: []meibo.MemberRight{
			{Asset: "A02", Action: "view", Purpose: "U.TAX.RES.ASSESS.INPUT", From: "2026-10-15", Until: "2027-03-31"},
			{Asset: "A02", Action: "update", Purpose: "U.TAX.RES.ASSESS.INPUT", From: "2026-10-15", Until: "2026-12-31"},
		},
	}
	switch n % 7 {
	case 3:
		m.Employer, m.EmployerName, m.Employment = "R1", "有限会社再委託計算センター", meibo.Subcontracted
		m.Chain = []meibo.ChainHop{{Organization: "R1", Consent: "承諾-2026-014"}}
	case 4:
		m.Suspended, m.FormerName, m.RenamedOn, m.Alias = true, "旧姓", "2026-09-01", "通称名"
	case 5:
		m.Chain, m.ChainFault = []meibo.ChainHop{{Organization: "R9"}}, "SUBCONTRACT_NOT_APPROVED"
	}
	return m
}

// aRoster is version 3 of n members: the second is new, the third changed, one is
// gone.
func aRoster(t testing.TB, n int) document.Roster {
	t.Helper()
	cut, err := meibo.ParseInstant("2026-11-20T10:30:00+09:00")
	if err != nil {
		t.Fatal(err)
	}
	r := document.Roster{Sender: "株式会社架空システム", Said: map[meibo.PersonID]document.Said{}}
	r.Content = meibo.RosterDocument{
		Format: meibo.RosterFormat, Version: 3, CutAt: cut, PreviousHash: strings.Repeat("ab", 32),
		Contract: meibo.ContractHeader{
			City: "架空市長", ID: "C01", Name: "市県民税課税資料入力業務", Department: "税務課", Starts: "2026-04-01", Ends: "2027-03-31",
			Prime: "K1", PrimeName: "株式会社架空システム", PrimeNumber: "7123456789012", PrimeSeat: "架空県架空市中央1-2-3", Responsible: "責任 太郎", Supervisor: "監督 花子",
		},
		Assets:   []meibo.Term{{Code: "A02", Label: "住民税課税台帳"}},
		Purposes: []meibo.Term{{Code: "U.TAX.RES.ASSESS.INPUT", Label: "課税資料の入力"}},
	}
	for i := 1; i <= n; i++ {
		r.Content.Members = append(r.Content.Members, aMember(i))
		if i != 2 {
			r.Before = append(r.Before, aMember(i))
		}
	}
	gone := aMember(n + 1)
	r.Before = append(r.Before, gone)
	r.Before[1].Task, r.Before[1].Rights = "電話の応対", r.Before[1].Rights[:1]
	second, third := r.Content.Members[1].PersonID, r.Content.Members[2].PersonID
	r.Content.Difference = meibo.Difference{
		Added: []meibo.PersonID{second}, Changed: []meibo.PersonID{third}, Removed: []meibo.PersonID{gone.PersonID},
	}
	r.Said[second], r.Said[third] = document.Said{Reason: meibo.ReasonPlacement}, document.Said{Reason: meibo.ReasonReassignment}
	r.Said[gone.PersonID] = document.Said{Reason: meibo.ReasonDeparture, Returned: meibo.AttestedYes, Successor: second}
	text, err := meibo.Canonical(r.Content)
	if err != nil {
		t.Fatal(err)
	}
	r.Head = meibo.Roster{
		ContractID: "C01", Version: 3, CutAt: cut, Document: meibo.Personal(text), Hash: meibo.HashText(string(text)),
		Checkpoint: "meibo.example/log\n4242\nz1nUqgqBvDqPqzHzGbR0SR8XJpO3QOEZr9XQ2Z6ZrXA=\n\n— meibo.example/log sig\n",
	}
	return r
}

// made is a paper of a roster, kept in a file.
func made(t testing.TB, r document.Roster, p document.Paper) (document.File, string) {
	t.Helper()
	f, err := r.Make(p)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), f.Name)
	if keep := os.Getenv("MEIBO_TEST_PAPER"); keep != "" { // a folder, to look at them
		path = filepath.Join(keep, f.Name)
	}
	if err := os.WriteFile(path, f.Content, 0o600); err != nil {
		t.Fatal(err)
	}
	return f, path
}

// run is what a program says; it must succeed.
func run(t testing.TB, program string, args ...string) string {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	out, err := exec.CommandContext(ctx, program, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", program, args, err, out)
	}
	return string(out)
}

// bare is text without blanks and breaks: lines break where they must.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}

// aloud is what a program that reads aloud says of a paper, in the order of its
// structure, without blanks.
func aloud(t testing.TB, path string) string {
	t.Helper()
	var b strings.Builder
	for line := range strings.Lines(run(t, "pdfinfo", "-struct-text", path)) {
		if text, ok := strings.CutPrefix(strings.TrimSpace(line), `"`); ok {
			b.WriteString(strings.TrimSuffix(text, `"`))
		}
	}
	return bare(b.String())
}
