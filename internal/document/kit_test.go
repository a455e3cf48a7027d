package document_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/meibo-dev/meibo/internal/document"
	"github.com/meibo-dev/meibo/internal/meibo"
)

// heading is the first row of a file of changes, in the wire's words.
const heading = "operation,contract,person,login,name,kana,latin,alias,former_name,adult,employer,employment,asset,action,purpose,from,until,workplace,task,reason,pledge"

// takasaki is a row as people write it.
const takasaki = "追加,C01,,takasaki,髙﨑 真理子,タカサキ マリコ,,,,はい,K1,正社員,A01,閲覧,U.TAX.RES.ASSESS,令和8年10月15日,R9.3.31,本社,入力,新規配置,依頼"

// line is what takasaki says.
func line(row int) meibo.Line {
	return meibo.Line{
		Row: row, Operation: meibo.Add, ContractID: "C01", Login: "takasaki", Name: "髙﨑 真理子", Kana: "タカサキ マリコ",
		Adult: meibo.AttestedYes, EmployerID: "K1", Employment: meibo.Regular, AssetID: "A01", Action: "view",
		Purpose: "U.TAX.RES.ASSESS", Starts: "2026-10-15", Ends: "2027-03-31", Workplace: "本社", Task: "入力",
		Reason: meibo.ReasonPlacement, Pledge: meibo.PledgeToRequest,
	}
}

// with is takasaki with another cell in a column of the heading.
func with(t testing.TB, column, cell string) string {
	t.Helper()
	for i, name := range strings.Split(heading, ",") {
		if name == column {
			cells := strings.Split(takasaki, ",")
			cells[i] = cell
			return row(t, cells)
		}
	}
	t.Fatalf("no column %s", column)
	return ""
}

// row writes cells as CSV, without the end of the line.
func row(t testing.TB, cells []string) string {
	t.Helper()
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	if err := w.Write(cells); err != nil {
		t.Fatal(err)
	}
	w.Flush()
	return strings.TrimSuffix(b.String(), "\n")
}

// read reads a text as a file of that name.
func read(name, text string) ([]meibo.Line, error) {
	return document.ReadChanges(name, strings.NewReader(text))
}

// wants reads a text and compares its problems with those that are wanted.
func wants(t *testing.T, name, text string, want ...meibo.Problem) {
	t.Helper()
	lines, err := read(name, text)
	if lines != nil {
		t.Errorf("%d lines beside problems", len(lines))
	}
	var got meibo.Problems
	if !errors.As(err, &got) || !errors.Is(err, meibo.ErrInvalid) {
		t.Fatalf("got %v, want problems", err)
	}
	if diff := cmp.Diff(meibo.Problems(want), got); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	for _, p := range got {
		if p.Sentence() == "" {
			t.Errorf("%s has no sentence", p.Code)
		}
	}
}

// reads reads a text and compares its lines with those that are wanted.
func reads(t *testing.T, name, text string, want ...meibo.Line) {
	t.Helper()
	got, err := read(name, text)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

// whole is a problem of the file itself.
func whole(code meibo.ProblemCode) meibo.Problem { return meibo.Problem{Field: "file", Code: code} }
