package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/seal"
)

// TestOnlyAnEntryThatIsShownIsSaidToBeProven: of a brief origin the log proves that the
// entry is there, and not that it has written the row.
func TestOnlyAnEntryThatIsShownIsSaidToBeProven(t *testing.T) {
	const words = "封印した者の申告"
	for _, c := range []struct {
		name  string
		w     *seal.Written
		wrote bool
		words bool
	}{
		{"shown", &seal.Written{Entry: meibo.Entry{Seq: 7, At: 1}, Head: seal.Checkpoint{Log: "log"}, Shown: true}, true, false},
		{"brief", &seal.Written{Entry: meibo.Entry{Seq: 7}, Head: seal.Checkpoint{Log: "log"}}, false, true},
		{"without the log's key", nil, false, true},
	} {
		told := tellOf("f", seal.FileVerdict{Origin: &meibo.Origin{Table: "rosters", Key: "C01/2", Entry: 7}, Written: c.w}).Origin
		if line := told.standing(); told.Written != c.wrote || strings.Contains(line, words) != c.words || !strings.Contains(line, "7番") {
			t.Errorf("%s: written %v, %s", c.name, told.Written, line)
		}
	}
}

func TestAPaperSaysWhatItIsWithout(t *testing.T) {
	for code, want := range map[string]string{
		"": "", "NO_SEAL": "封印はありません (NO_SEAL)", "LEDGER_SEALED": "封印はありません (LEDGER_SEALED)", "AUTHORITY_SILENT": "タイムスタンプはありません (AUTHORITY_SILENT)",
	} {
		var said bytes.Buffer
		tellSealed(&app{stdout: &said}, "", code)
		if !strings.Contains(said.String(), want) || code == "" && said.Len() > 0 {
			t.Errorf("%s: %s", code, said.String())
		}
	}
}
