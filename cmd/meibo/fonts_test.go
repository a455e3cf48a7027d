package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAFontThatIsNoneIsToldByItsKey(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "broken.ttf"), []byte("no font"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"nowhere.ttf": "no such file", "broken.ttf": "not a TrueType font"} {
		path := filepath.Join(folder, "meibo.yaml")
		if err := os.WriteFile(path, []byte("fonts: ["+name+"]\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		cfg, err := readConfig(path)
		if err != nil {
			t.Fatal(err)
		}
		_, err = cfg.fonts()
		if err == nil || !strings.HasPrefix(err.Error(), "fonts: ") || !strings.Contains(err.Error(), filepath.Join(folder, name)) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
