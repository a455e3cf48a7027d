package main

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"time"

	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/outbox"
	"github.com/meibo-dev/meibo/internal/seal"
)

type webhookConfig struct {
	Secrets map[string]string `yaml:"secrets"` // by host: file with the secret, and the one before it while it is exchanged
	CAFile  string            `yaml:"ca_file"`
	Allow   []string          `yaml:"allow"` // private networks in which receivers may stand
}

type handOverConfig struct {
	Folder string `yaml:"folder"` // where packages for closed networks are put
}

func (w webhookConfig) validate(bad func(string, ...any)) {
	for _, text := range w.Allow {
		if p, err := netip.ParsePrefix(text); err != nil || p != p.Masked() {
			bad("webhook.allow: %q is no network such as 10.1.0.0/16", text)
		}
	}
	if len(w.Secrets) == 0 && (len(w.Allow) > 0 || w.CAFile != "") {
		bad("webhook.secrets: name the file of a secret for each receiver's host")
	}
}

// openWays builds what notices leave by.
func openWays(cfg config, sealer *seal.Sealer) (w outbox.Ways, err error) {
	if w.Mail, err = openMail(cfg, sealer); err != nil {
		return w, err
	}
	if w.Webhook, err = openWebhook(cfg); err != nil {
		return w, err
	}
	if cfg.HandOver.Folder == "" {
		return w, nil
	}
	if sealer == nil {
		return w, errors.New("handover.folder: packages need a seal (seal.certificate)")
	}
	w.HandOver, err = outbox.NewFolder(cfg.path(cfg.HandOver.Folder))
	return w, err
}

// openWebhook is nil where no receiver has a secret.
func openWebhook(cfg config) (*outbox.Webhook, error) {
	if len(cfg.Webhook.Secrets) == 0 {
		return nil, nil
	}
	o := outbox.WebhookOptions{Secrets: map[string][]string{}}
	for host, file := range cfg.Webhook.Secrets {
		content, err := readKey(cfg.path(file), true)
		if err != nil {
			return nil, err
		}
		o.Secrets[host] = strings.Fields(string(content))
	}
	for _, text := range cfg.Webhook.Allow {
		o.Allow = append(o.Allow, netip.MustParsePrefix(text))
	}
	var err error
	if o.Roots, err = cfg.roots(cfg.Webhook.CAFile); err != nil {
		return nil, err
	}
	return outbox.NewWebhook(o)
}

// escalateNotices tells those who must act of what is overdue, until the end.
func escalateNotices(ctx context.Context, l *ledger.Ledger, h house) error {
	tick := time.NewTicker(h.pause)
	defer tick.Stop()
	for {
		n, err := l.EscalateNotices(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			h.log.Error("escalate notices", "error", err)
		case n > 0:
			h.log.Warn("notices are overdue", "notices", n)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// remindEvery is how often it is looked for whom to remind.
const remindEvery = time.Hour

// remindPledges reminds contractors of what their people lack, by the house's clock.
func remindPledges(ctx context.Context, l *ledger.Ledger, h house) error {
	tick := time.NewTicker(h.pause)
	defer tick.Stop()
	for last := meibo.Instant(0); ; {
		if now := h.now(); now < last || now >= last.Add(remindEvery) {
			n, err := l.RemindPledges(ctx)
			switch {
			case ctx.Err() != nil:
				return nil
			case err != nil:
				h.log.Error("remind of pledges", "error", err)
			case n > 0:
				h.log.Info("contractors are reminded of pledges", "notices", n)
			}
			last = now
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func openMail(cfg config, sealer *seal.Sealer) (*outbox.Mailer, error) {
	if cfg.Mail.Host == "" {
		return nil, nil
	}
	roots, err := cfg.roots(cfg.Mail.CAFile)
	if err != nil {
		return nil, err
	}
	password, err := cfg.secretOf("MEIBO_MAIL_PASSWORD", cfg.Mail.PasswordFile)
	if err != nil {
		return nil, err
	}
	encryption, err := cfg.encryption(sealer)
	if err != nil {
		return nil, err
	}
	return outbox.NewMailer(outbox.MailOptions{
		Host: cfg.Mail.Host, Port: cfg.Mail.Port, From: cfg.Mail.From, Username: cfg.Mail.Username, Password: password,
		Roots: roots, HELO: cfg.Mail.HELO, Encryption: encryption,
	})
}
