package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// TestTheSecretsOfWebhooksGoInAndNeverComeOut reads configurations with a secret in a
// file.
func TestTheSecretsOfWebhooksGoInAndNeverComeOut(t *testing.T) {
	t.Parallel()
	const good = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="
	for _, c := range []struct {
		name, secret, rest string
		mode               os.FileMode
		want               string
	}{
		{"a good one", good + "\n", "", 0o600, ""},
		{"and the one before it", good + "\n" + strings.Replace(good, "MfKQ", "NfKQ", 1) + "\n", "  allow: [10.1.0.0/16]", 0o600, ""},
		{"an empty file", "", "", 0o600, "no secret"},
		{"an empty secret", "whsec_\n", "", 0o600, "0 bytes"},
		{"a short one", "whsec_c2hvcnQ=\n", "", 0o600, "5 bytes"},
		{"others can read it", good, "", 0o644, "others can read"},
		{"a network that is none", good, "  allow: [10.1.0.1/16]", 0o600, "webhook.allow"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "secret"), []byte(c.secret), c.mode); err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(dir, "meibo.yaml")
			if err := os.WriteFile(file, []byte("webhook:\n  secrets:\n    intake.city.example: secret\n"+c.rest+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			cfg, err := readConfig(file)
			if err == nil {
				ways, failed := openWays(cfg, nil)
				if err = failed; err == nil && ways.Problem(meibo.Contract{NoticeWay: meibo.WayWebhook, NoticeURL: "https://intake.city.example/x"}) != "" {
					t.Error("the receiver is not known")
				}
			}
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), "MfKQ") {
				t.Errorf("the error says the secret: %v", err)
			}
			shown, err := yaml.Marshal(cfg.redacted())
			if err != nil || strings.Contains(string(shown), "MfKQ") {
				t.Errorf("the configuration shows the secret: %v\n%s", err, shown)
			}
		})
	}
}

func TestPackagesNeedASealAndAFolderOfTheirOwn(t *testing.T) {
	t.Parallel()
	cfg := defaults()
	cfg.HandOver.Folder = t.TempDir()
	if _, err := openWays(cfg, nil); err == nil || !strings.Contains(err.Error(), "need a seal") {
		t.Errorf("without a seal: %v", err)
	}
}
