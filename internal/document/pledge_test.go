package document_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/meibo-dev/meibo/internal/document"
	"github.com/meibo-dev/meibo/internal/meibo"
)

const wording = `秘密保持に関する誓約書

架空市長 様
株式会社架空データサービス 御中

私は、次の業務に従事するに当たり、下記の事項を守ることを誓約します。

契約番号 C01
契約名 令和8年度個人住民税課税資料入力業務

1 業務上知り得た個人情報を、正当な理由なく他人に知らせません。業務を離れた後も、また所属する会社を退職した後も、同様とします。
2 業務以外の目的に情報を利用しません。
3 許可なく情報を複写し、又は持ち出しません。

株式会社架空データサービス `

// aPledge is a signed pledge of somebody.
func aPledge(name string) document.Pledge {
	text := wording + name + "\n"
	return document.Pledge{
		Pledge: meibo.Pledge{
			ID: "019aa111-0000-7000-8000-000000000001", PersonID: "019aa111-0000-7000-8000-000000000002", ContractID: "C01", TemplateID: "T-A", TemplateVersion: 2,
			Way: meibo.SignedByDirectory, Text: meibo.Personal(text), TextHash: meibo.HashText(text), SignedOn: "2026-10-15", ValidFrom: 1792029600000000,
		},
		Checkpoint: "meibo.example/log\n4242\nz1nUqgqBvDqPqzHzGbR0SR8XJpO3QOEZr9XQ2Z6ZrXA=\n\n— meibo.example/log sig\n",
	}
}

func TestAPledgeIsTheExactTextThatWasAgreedTo(t *testing.T) {
	for _, name := range names {
		d := aPledge(string(name))
		pdf, err := d.PDF()
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "pledge.pdf")
		if keep := os.Getenv("MEIBO_TEST_PAPER"); keep != "" {
			path = filepath.Join(keep, "pledge.pdf")
		}
		if err := os.WriteFile(path, pdf, 0o600); err != nil {
			t.Fatal(err)
		}
		run(t, "qpdf", "--check", path)
		said := bare(run(t, "pdftotext", path, "-"))
		if want := bare(string(d.Pledge.Text)); !strings.HasPrefix(said, want) {
			t.Errorf("%q: the paper says\n%s\nwant it to begin with\n%s", name, said, want)
		}
		for _, want := range []string{d.Pledge.TextHash, string(d.Pledge.ID), "T-A第2版", "令和8年10月15日(2026-10-15)", "1/1"} {
			if !strings.Contains(said, want) {
				t.Errorf("the paper does not say %q", want)
			}
		}
	}
}

func TestALongPledgeGoesOnOnTheNextPage(t *testing.T) {
	d := aPledge("髙﨑 真理子")
	d.Pledge.Text += meibo.Personal(strings.Repeat("4 長い条項が続きます。個人番号を含む情報を取り扱います。\n", 60))
	d.Pledge.Way, d.PaperHash, d.Pledge.GuardianConsent = meibo.SignedOnPaper, strings.Repeat("ab", 32), true
	pdf, err := d.PDF()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "pledge.pdf")
	if err := os.WriteFile(path, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	said := bare(run(t, "pdftotext", path, "-"))
	for _, want := range []string{"1/3", "3/3", "紙に署名", "法定代理人同意を確認した", d.PaperHash} {
		if !strings.Contains(said, want) {
			t.Errorf("the paper does not say %q", want)
		}
	}
	if got := strings.Count(said, "長い条項が続きます"); got != 60 {
		t.Errorf("%d of 60 clauses", got)
	}
}

func BenchmarkPledgeAsPDF(b *testing.B) {
	d := aPledge("髙﨑 真理子")
	for b.Loop() {
		if _, err := d.PDF(); err != nil {
			b.Fatal(err)
		}
	}
}

func TestPapersAreWrittenSideBySide(t *testing.T) {
	for _, name := range names[:4] {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			for range 3 {
				if _, err := aPledge(string(name)).PDF(); err != nil {
					t.Error(err)
				}
				if _, err := aRoster(t, 3).Make(document.PaperPDF); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

func TestAPaperOfVeryManyCharactersSaysThemAll(t *testing.T) {
	var all strings.Builder
	for i := range 1<<16 + 10 {
		all.WriteRune(rune(0x20000 + i))
	}
	f, err := aPledge(all.String() + "山田太郎").PDF()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "pledge.pdf")
	if err := os.WriteFile(path, f, 0o600); err != nil {
		t.Fatal(err)
	}
	if text := bare(run(t, "pdftotext", "-raw", path, "-")); !strings.Contains(text, "山田太郎") || strings.Count(text, "\U00020005") != 1 {
		t.Error("the text layer says something else than was written")
	}
}
