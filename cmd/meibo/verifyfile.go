package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/seal"
)

// A fileVerdict is what verify tells of a file.
type fileVerdict struct {
	File      string     `json:"file"`
	State     seal.State `json:"state"`
	Code      string     `json:"code,omitempty"`
	Hash      string     `json:"hash"`
	Signer    string     `json:"signer,omitempty"`
	SignedAt  string     `json:"signed_at,omitempty"`
	StampedAt string     `json:"stamped_at,omitempty"`
	Authority string     `json:"authority,omitempty"`
	Entry     *int64     `json:"entry,omitempty"` // of the log
	EntryAt   string     `json:"entry_at,omitempty"`
	Log       string     `json:"log,omitempty"`
	Size      int64      `json:"log_size,omitempty"`
	Origin    *origin    `json:"origin,omitempty"`
	Consent   *consent   `json:"consent,omitempty"` // of the person, with a passkey
}

// A consent is what the evidence in a pledge's document proves.
type consent struct {
	Pledge   string `json:"pledge"`
	Person   string `json:"person"`
	TextHash string `json:"text_hash"`
	At       string `json:"at"`
	Origin   string `json:"origin"`
	Passkey  string `json:"passkey"`
	Since    string `json:"passkey_since"`
}

// An origin is the row of which a paper is, and the entry that has written it: by the
// log's proof where Written, else by the word of who sealed.
type origin struct {
	Table   string `json:"table"`
	Key     string `json:"key"`
	Hash    string `json:"hash"`
	Entry   int64  `json:"entry"`
	EntryAt string `json:"entry_at,omitempty"` // where the paper shows the entry
	Log     string `json:"log,omitempty"`
	Written bool   `json:"written"`
}

// verifyFile tells what became of a file, with nothing but the file, the proof
// beside it, and the copies of the roots.
func (c *verifyCmd) verifyFile(a *app) error {
	trust, log, err := c.trust()
	if err != nil {
		return err
	}
	content, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	proof, err := c.proof(log)
	if err != nil {
		return err
	}
	v := seal.VerifyFile(content, proof, trust, log)
	if !bytes.HasPrefix(content, []byte("%PDF-")) && v.Code == "NO_SEAL" {
		v.Verdict = verifyCheckpoint(v.Verdict, content, log)
	}
	told := tellOf(c.File, v)
	if a.json {
		err = a.print(told)
	} else {
		told.tell(a)
	}
	if told.State != seal.Intact {
		return errors.Join(err, fmt.Errorf("%s: %s (%s)", c.File, told.State, told.Code))
	}
	return err
}

// trust is whom the flags name, else whom the configuration believes where there
// is one.
func (c *verifyCmd) trust() (t seal.Trust, log *seal.Verifier, err error) {
	logKey := c.LogKey
	if c.Root == "" && c.TimestampRoot == "" && logKey == "" {
		cfg, err := readConfig(c.Config)
		if err != nil {
			return t, nil, fmt.Errorf("name the copies of the roots (--root, --log-key), or a configuration: %w", err)
		}
		if t, err = cfg.trust(); err != nil {
			return t, nil, err
		}
		logKey = cfg.path(cfg.Keys.LogPublic)
	} else {
		var errSeals, errStamps error
		t.Seals, errSeals = poolOf(c.Root)
		t.Stamps, errStamps = poolOf(c.TimestampRoot)
		if err := errors.Join(errSeals, errStamps); err != nil {
			return t, nil, err
		}
	}
	if logKey == "" {
		return t, nil, nil
	}
	public, err := os.ReadFile(logKey)
	if err != nil {
		return t, nil, err
	}
	log, err = seal.NewVerifier(string(public))
	return t, log, err
}

// proof is the proof that a flag names, or that stands beside the file.
func (c *verifyCmd) proof(log *seal.Verifier) (string, error) {
	path := c.Proof
	if _, err := os.Stat(c.File + proofEnd); path == "" && err == nil && log != nil {
		path = c.File + proofEnd
	}
	switch {
	case path == "":
		return "", nil
	case log == nil:
		return "", errors.New("a proof needs the log's public key: --log-key")
	}
	text, err := os.ReadFile(path)
	return string(text), err
}

// verifyCheckpoint tells of a file that holds a signed head of the log.
func verifyCheckpoint(v seal.Verdict, content []byte, log *seal.Verifier) seal.Verdict {
	if log == nil {
		return v
	}
	head, err := log.Open(string(content))
	if err != nil {
		return v
	}
	v.State, v.Code, v.Signer = seal.Intact, "", fmt.Sprintf("%s, %d entries", head.Log, head.Size)
	return v
}

func tellOf(file string, v seal.FileVerdict) fileVerdict {
	told := fileVerdict{
		File: file, State: v.State, Code: v.Code, Hash: v.Hash, Signer: v.Signer, SignedAt: rfc3339(v.SignedAt), StampedAt: rfc3339(v.StampedAt),
		Authority: v.Authority,
	}
	if p := v.Proven; p != nil {
		told.Entry, told.EntryAt, told.Log, told.Size = &p.Entry.Seq, rfc3339(p.Entry.At.Time()), p.Head.Log, p.Head.Size
	}
	if o := v.Origin; o != nil {
		told.Origin = &origin{Table: o.Table, Key: o.Key, Hash: o.Hash, Entry: o.Entry}
		if w := v.Written; w != nil {
			told.Origin.Log, told.Origin.Written = w.Head.Log, w.Shown
			if w.Shown {
				told.Origin.EntryAt = rfc3339(w.Entry.At.Time())
			}
		}
	}
	if c := v.Consent; c != nil {
		told.Consent = &consent{
			Pledge: string(c.Challenge.PledgeID), Person: string(c.Challenge.PersonID), TextHash: c.Evidence.Hash, At: rfc3339(c.Evidence.VerifiedAt.Time()),
			Origin: c.Evidence.Origin, Passkey: string(c.Evidence.Passkey), Since: rfc3339(c.Evidence.RegisteredAt.Time()),
		}
	}
	return told
}

// verdicts are the words of states and codes.
var verdicts = map[string]string{
	string(seal.Intact): "封印されたときのままです。", string(seal.Changed): "封印の後に変更されています。", string(seal.Unknown): "真正かどうか分かりません。",
	"NO_SEAL": "封印がありません。", "SEAL_DAMAGED": "封印が壊れています。", "CONTENT_CHANGED": "内容が封印と一致しません。", "APPENDED": "封印の後に追記されています。",
	"CUT_SHORT": "途中で切れています。", "MORE_THAN_ONE_SEAL": "署名が二つ以上あります。", "SIGNER_UNKNOWN": "封印した者の証明書を確認できません。",
	"NO_TIMESTAMP": "タイムスタンプがありません。時刻は封印した者の申告です。", "TIMESTAMP_UNTRUSTED": "タイムスタンプの認証局を確認できません。時刻は封印した者の申告です。",
	"TIMESTAMP_DAMAGED": "タイムスタンプが壊れています。", "PROOF_DAMAGED": "台帳の証明が壊れています。", "NOT_IN_LOG": "台帳の証明は、このファイルのものではありません。",
	"ORIGIN_UNPROVEN": "書面に記された台帳の記録を確かめられません。", "CONSENT_UNPROVEN": "封印は正しいものの、本人のパスキーによる同意を確かめられません。",
}

func (f fileVerdict) tell(a *app) {
	a.printf("%s: %s %s\n", f.File, f.State, verdicts[string(f.State)])
	if f.Code != "" {
		a.printf("  %s %s\n", f.Code, verdicts[f.Code])
	}
	for _, line := range [][2]string{
		{"封印した者", f.Signer}, {"封印の時刻", f.SignedAt}, {"タイムスタンプ", f.StampedAt}, {"時刻認証局", f.Authority}, {"SHA-256", f.Hash},
	} {
		if line[1] != "" {
			a.printf("  %s %s\n", line[0], line[1])
		}
	}
	if o := f.Origin; o != nil {
		a.printf("  %s SHA-256 %s\n  %s\n", o.subject(), o.Hash, o.standing())
	}
	if c := f.Consent; c != nil {
		a.printf("  本人の同意 %s、パスキー %s (%sに本人のパスワードで登録)、%s。本文 SHA-256 %s への署名を確かめました。\n", c.At, c.Passkey, c.Since, c.Origin, c.TextHash)
	}
	if f.Entry != nil {
		a.printf("  封印は台帳 %s の記録 %d番 (%s)。全%d件の証跡で確かめました。\n", f.Log, *f.Entry, f.EntryAt, f.Size)
	}
}

// subject is of what the paper is.
func (o origin) subject() string {
	if contract, version, found := strings.Cut(o.Key, "/"); found && o.Table == meibo.RostersTable {
		return fmt.Sprintf("名簿 契約 %s 第%s版", contract, version)
	}
	return "誓約書 " + o.Key
}

// standing is where it stands in the log.
func (o origin) standing() string {
	if o.Log == "" {
		return fmt.Sprintf("台帳の記録 %d番 (封印した者の申告。--log-key があれば確かめます)", o.Entry)
	}
	if !o.Written {
		return fmt.Sprintf("台帳 %s の記録 %d番 (封印した者の申告)。その番号の記録が台帳にあることは、書面に添えられた証跡で確かめました。", o.Log, o.Entry)
	}
	return fmt.Sprintf("台帳 %s の記録 %d番 (%s)。書面に添えられた証跡で確かめました。", o.Log, o.Entry, o.EntryAt)
}

func rfc3339(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(meibo.JST).Format(time.RFC3339)
}
