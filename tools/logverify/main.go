// Logverify checks a public log without any code of Hustings: the tree, the signatures and the proofs are those of
// Go's checksum database (golang.org/x/mod/sumdb), as Debian packages it. It is here so that a fault in our own
// reader cannot hide a fault in our own writer.
//
//	logverify -key VKEY [-older CHECKPOINT] DIR|URL
//
// It reads the checkpoint, checks its signature, recomputes the hash of every entry from its bundle and compares it
// with the tile of level 0, which must lead to the signed root; and, given an older checkpoint, checks that the log
// continues it. It exits with 0 when all of that holds, with 1 when something does not.
//
// The one thing adapted is the spelling of a path: Go asks for tile/8/<L>/<N>, C2SP tlog-tiles serves tile/<L>/<N>.
package main

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	height     = 8
	width      = 1 << height
	largest    = width * (2 + 65535)
	tilePrefix = "tile/8/"
)

func main() {
	key := flag.String("key", "", "the log's verifier key, name+id+key")
	older := flag.String("older", "", "a file with an older checkpoint of the same log")
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "usage: logverify -key VKEY [-older CHECKPOINT] DIR|URL")
	}
	flag.Parse()
	if *key == "" || flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	said, err := verify(*key, *older, flag.Arg(0))
	if err != nil {
		fmt.Fprintf(os.Stderr, "logverify: WRONG: %v\n", err)
		os.Exit(1)
	}
	fmt.Println(said)
}

func verify(key, older, where string) (string, error) {
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return "", fmt.Errorf("the key: %w", err)
	}
	files := sourceOf(where)
	raw, err := files.get("checkpoint")
	if err != nil {
		return "", err
	}
	tree, err := open(raw, verifier)
	if err != nil {
		return "", fmt.Errorf("the checkpoint: %w", err)
	}
	if tree.N > 0 {
		if err := entries(files, tree); err != nil {
			return "", err
		}
	}
	said := fmt.Sprintf("RIGHT: %s, %d entries, all of them in the signed tree", verifier.Name(), tree.N)
	if older == "" {
		return said, nil
	}
	before, err := os.ReadFile(older)
	if err != nil {
		return "", err
	}
	old, err := open(before, verifier)
	if err != nil {
		return "", fmt.Errorf("the older checkpoint: %w", err)
	}
	if err := continues(files, old, tree); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s; it continues the %d entries of the older checkpoint", said, old.N), nil
}

// open checks a signed checkpoint and reads its three lines. tlog.ParseTree is for one log only, the checksum
// database itself, and wants its name in the first line.
func open(raw []byte, verifier note.Verifier) (tlog.Tree, error) {
	signed, err := note.Open(raw, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(signed.Text, "\n")
	if len(lines) < 4 || lines[0] != verifier.Name() {
		return tlog.Tree{}, errors.New("is not that of this log")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return tlog.Tree{}, errors.New("has no size")
	}
	hash, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(hash) != tlog.HashSize {
		return tlog.Tree{}, errors.New("has no root")
	}
	tree := tlog.Tree{N: size}
	copy(tree.Hash[:], hash)
	return tree, nil
}

// entries compares every entry with the hashes that the tiles prove to be under the root.
func entries(files source, tree tlog.Tree) error {
	hashes := tlog.TileHashReader(tree, &tiles{files: files, kept: map[tlog.Tile][]byte{}})
	for first := int64(0); first < tree.N; first += width {
		tile := tlog.Tile{H: height, L: 0, N: first / width, W: int(min(width, tree.N-first))}
		path := strings.Replace(tile.Path(), tilePrefix+"0/", "tile/entries/", 1)
		data, err := files.get(path)
		if err != nil {
			return err
		}
		indexes := make([]int64, tile.W)
		for i := range indexes {
			indexes[i] = tlog.StoredHashIndex(0, first+int64(i))
		}
		proven, err := hashes.ReadHashes(indexes)
		if err != nil {
			return fmt.Errorf("the tiles of entries %d to %d: %w", first, first+int64(tile.W)-1, err)
		}
		for i, want := range proven {
			if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
				return fmt.Errorf("%s ends in the middle of entry %d", path, first+int64(i))
			}
			length := 2 + int(binary.BigEndian.Uint16(data))
			if tlog.RecordHash(data[2:length]) != want {
				return fmt.Errorf("%s: entry %d is not the one in the signed tree", path, first+int64(i))
			}
			data = data[length:]
		}
		if len(data) != 0 {
			return fmt.Errorf("%s: %d bytes follow the last entry", path, len(data))
		}
	}
	return nil
}

// continues checks that the older tree is the beginning of the newer one.
func continues(files source, old, new tlog.Tree) error {
	if old.N > new.N {
		return fmt.Errorf("the log went back from %d to %d entries", old.N, new.N)
	}
	if old.N == 0 {
		return nil
	}
	hashes := tlog.TileHashReader(new, &tiles{files: files, kept: map[tlog.Tile][]byte{}})
	proof, err := tlog.ProveTree(new.N, old.N, hashes)
	if err != nil {
		return fmt.Errorf("no proof from %d to %d entries: %w", old.N, new.N, err)
	}
	if err := tlog.CheckTree(proof, new.N, new.Hash, old.N, old.Hash); err != nil {
		return fmt.Errorf("the log forked: its first %d entries are not those it signed before: %w", old.N, err)
	}
	return nil
}

// tiles is what tlog.TileHashReader reads from. It keeps what was proven and is needed again: the tiles above
// level 0, and the partial one at the right edge.
type tiles struct {
	files source
	kept  map[tlog.Tile][]byte
}

func (t *tiles) Height() int { return height }

func (t *tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	found := make([][]byte, len(wanted))
	for i, tile := range wanted {
		if data, ok := t.kept[tile]; ok {
			found[i] = data
			continue
		}
		data, err := t.files.get(strings.Replace(tile.Path(), tilePrefix, "tile/", 1))
		if err != nil {
			return nil, err
		}
		if len(data) != tile.W*tlog.HashSize {
			return nil, fmt.Errorf("%s has %d bytes", tile.Path(), len(data))
		}
		found[i] = data
	}
	return found, nil
}

func (t *tiles) SaveTiles(proven []tlog.Tile, data [][]byte) {
	for i, tile := range proven {
		if tile.L > 0 || tile.W < width {
			t.kept[tile] = data[i]
		}
	}
}

// source are the files of a log, in a folder or on a web server.
type source struct {
	where string
	web   *http.Client
}

func sourceOf(where string) source {
	if strings.HasPrefix(where, "https://") || strings.HasPrefix(where, "http://") {
		return source{strings.TrimRight(where, "/"), &http.Client{Timeout: time.Minute}}
	}
	return source{strings.TrimPrefix(where, "file://"), nil}
}

func (s source) get(path string) ([]byte, error) {
	if s.web == nil {
		return os.ReadFile(filepath.Join(s.where, filepath.FromSlash(path)))
	}
	answer, err := s.web.Get(s.where + "/" + path)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", path, answer.Status)
	}
	data, err := io.ReadAll(io.LimitReader(answer.Body, largest+1))
	if err == nil && len(data) > largest {
		err = fmt.Errorf("%s is too large", path)
	}
	return data, err
}

func min(a, b int64) int64 {
	if a < b {
		return a
	}
	return b
}
