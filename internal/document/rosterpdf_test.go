package document_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/meibo-dev/meibo/internal/document"
)

func TestPaperSaysEverythingThatTheRosterSays(t *testing.T) {
	r := aRoster(t, 15)
	_, path := made(t, r, document.PaperPDF)
	run(t, "qpdf", "--check", path)
	// The columns of a row stand side by side: a program that reads aloud follows the structure.
	said, text := aloud(t, path), bare(run(t, "pdftotext", "-raw", path, "-"))
	for _, m := range r.Content.Members {
		if !strings.Contains(text, bare(string(m.Name))) {
			t.Errorf("member %d: the text layer does not give back %q", m.Number, m.Name)
		}
		for _, want := range []string{string(m.Kana), string(m.PersonID), m.EmployerName, m.Task, m.Workplace, string(m.Starts), string(m.PledgedOn)} {
			if !strings.Contains(said, bare(want)) {
				t.Errorf("member %d: the paper does not say %q", m.Number, want)
			}
		}
		for _, x := range m.Rights {
			for _, want := range []string{string(x.Asset), string(x.Purpose), string(x.From), string(x.Until)} {
				if !strings.Contains(said, want) {
					t.Errorf("member %d: the paper does not say %q", m.Number, want)
				}
			}
		}
	}
	c := r.Content.Contract
	for _, want := range []string{
		c.City + "御中", string(c.ID), c.Name, c.PrimeName, c.PrimeNumber, "責任太郎", "監督花子", "令和8年11月20日(2026-11-20)", "第3版",
		"追加1変更1解除1", "一時停止中", "再委託の承諾なし", "承諾-2026-014", "旧氏旧姓", "U+845BU+E0101", "U+0141",
	} {
		if !strings.Contains(said, bare(want)) {
			t.Errorf("the paper does not say %q", want)
		}
	}
}

func TestEveryPageOfARosterHasItsHeadAndFoot(t *testing.T) {
	r := aRoster(t, 40)
	_, path := made(t, r, document.PaperPDF)
	pages := strings.Split(strings.TrimSuffix(run(t, "pdftotext", "-layout", path, "-"), "\f"), "\f")
	if len(pages) < 3 {
		t.Fatalf("%d pages of 40 members", len(pages))
	}
	for i, page := range pages {
		for _, want := range []string{fmt.Sprintf("%d/%d", i+1, len(pages)), r.Head.Hash, "meibo.example/log 4242 z1nUqgqBvDqPqzHzGbR0SR8XJpO3QOEZr9XQ2Z6ZrXA="} {
			if !strings.Contains(page, want) {
				t.Errorf("page %d does not say %q", i+1, want)
			}
		}
		if !strings.Contains(bare(page), "従事者ID") {
			t.Errorf("page %d has no head of its table", i+1)
		}
	}
}

func TestPaperIsTaggedJapaneseWithItsFontsInIt(t *testing.T) {
	_, path := made(t, aRoster(t, 14), document.PaperPDF)
	info := run(t, "pdfinfo", path)
	for _, want := range []string{"Tagged:          yes", "(A4)", "Title:           従事者名簿 C01 第3版"} {
		if !strings.Contains(info, want) {
			t.Errorf("pdfinfo does not say %q:\n%s", want, info)
		}
	}
	if catalog := run(t, "qpdf", "--json=2", "--json-key=qpdf", path); !strings.Contains(catalog, `"/Lang": "u:ja-JP"`) {
		t.Error("the paper's language is not Japanese")
	}
	if meta := run(t, "pdfinfo", "-meta", path); !strings.Contains(meta, `<rdf:li xml:lang="x-default">従事者名簿 C01 第3版</rdf:li>`) {
		t.Errorf("the paper's metadata say\n%s", meta)
	}
	if objects := strings.Join(strings.Fields(run(t, "qpdf", "--json=2", "--json-key=qpdf", path)), ""); !strings.Contains(objects, `"/S":"/GTS_PDFA1"`) {
		t.Error("the paper does not say in which colour space it is meant")
	}
	list := strings.Split(strings.TrimSpace(run(t, "pdffonts", path)), "\n")[2:]
	for _, f := range list {
		if fields := strings.Fields(f); !slices.Equal(fields[len(fields)-5:len(fields)-2], []string{"yes", "yes", "yes"}) {
			t.Errorf("a font is not embedded as a subset with its text: %s", f)
		}
	}
	structure := run(t, "pdfinfo", "-struct", path)
	for kind, want := range map[string]int{"H1": 1, "Table": 2, "TH": 16} {
		if got := strings.Count(structure, " "+kind+" ") + strings.Count(structure, " "+kind+":") + strings.Count(structure, " "+kind+"\n"); got != want {
			t.Errorf("%d elements %s, want %d", got, kind, want)
		}
	}
}

func TestAChangeNoticeSaysBeforeAndAfter(t *testing.T) {
	r := aRoster(t, 15)
	_, path := made(t, r, document.PaperChange)
	run(t, "qpdf", "--check", path)
	said := aloud(t, path)
	for _, want := range []string{
		"従事者変更届", "様式第2号", "届出者株式会社架空システム", "追加", "新規配置", "変更", "電話の応対", "課税資料の入力", "担当替え", "解除", "退職",
		string(r.Content.Difference.Removed[0]),
	} {
		if want != "様式第2号" && !strings.Contains(said, want) {
			t.Errorf("the notice does not say %q", want)
		}
	}
}
