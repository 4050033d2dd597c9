"""What torch_peer.py measures: each builder returns a function that does one timed run.

All arithmetic is 32-bit float, all data random; nothing here reads the clock. Within a case the
variants do the same work by different means: memory layout, operator library, graph compiler.
"""

import subprocess
import sys

try:
    import torch
    from torch import nn
    from torch.nn import functional
except ImportError as error:  # the case names are of use without PyTorch
    torch, IMPORT_ERROR = None, str(error)

# Captioning: T words, N captions, V vocabulary, H cells, E embedding and image feature, K beams.
T, N, V, H, E, K = 20, 64, 10000, 512, 512, 5
VGG16 = (64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512, 0, 512, 512, 512, 0)  # 0: pooling
SMALL_VGG = (32, 32, 0, 64, 64, 0, 128, 128, 0, 256, 256, 0)
LSTM_SIZES = ((20, 100, 1000, 1000), (16, 24, 256, 256), (16, 24, 4096, 256), (20, 64, 512, 512))

BATCHES = (1, 8, 16)
FORWARD = ("eager", "channels-last", "mkldnn", "jit", "compile")
TRAIN = ("eager", "channels-last", "compile")
DECODE = ("lstm", "cell", "compile")

# bench -> case -> variants; `lrcn bench` has the same case names.
CASES = {
    "vgg16": {f"forward-b{b}": FORWARD for b in BATCHES} | {f"train-b{b}": TRAIN for b in BATCHES},
    "lstm": {f"T{t}-N{n}-I{i}-H{h}": ("onednn", "native") for t, n, i, h in LSTM_SIZES},
    "caption-step": {"frozen": TRAIN, "unfrozen": TRAIN},
    "decode": {f"{search}-b{b}": DECODE for search in ("greedy", "beam5") for b in (1, 16, 64)},
    "import": {"process": ("python",)},
    "memory": {"train-b16": TRAIN},
}


def batch_of(case):
    return int(case.rsplit("-b", 1)[1])


def channels_last(*things):
    return [thing.to(memory_format=torch.channels_last) for thing in things]


def vgg(widths, side, fully):
    """3x3 convolutions with ReLU, 2x2 pooling, then linear layers with ReLU between; no dropout."""
    chain, channels = [], 3
    for width in widths:
        if width:
            chain += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU(inplace=True)]
            channels = width
        else:
            chain.append(nn.MaxPool2d(2, 2))
            side //= 2
    chain.append(nn.Flatten())
    inputs = channels * side * side
    for width in fully:
        chain += [nn.Linear(inputs, width), nn.ReLU(inplace=True)]
        inputs = width
    return nn.Sequential(*chain[:-1])


def vgg16_forward(case, variant):
    """Logits [B, 1000] of images [B, 3, 224, 224], no gradients."""
    model, x = vgg(VGG16, 224, (4096, 4096, 1000)).eval(), torch.rand(batch_of(case), 3, 224, 224)
    traced = variant in ("jit", "compile")  # these do not take inference tensors
    if variant == "channels-last":
        model, x = channels_last(model, x)
    with torch.no_grad():
        if variant == "mkldnn":
            from torch.utils import mkldnn

            blocked = mkldnn.to_mkldnn(model)

            def model(image):
                return blocked(image.to_mkldnn()).to_dense()
        elif variant == "jit":
            model = torch.jit.optimize_for_inference(torch.jit.freeze(torch.jit.trace(model, x)))
        elif variant == "compile":
            model = torch.compile(model, dynamic=False, options={"freezing": True})

    def run():
        with torch.no_grad() if traced else torch.inference_mode():
            model(x)

    return run


def vgg16_train(case, variant):
    """Cross-entropy, forward and backward to all 138,357,544 parameters; no optimizer."""
    batch = batch_of(case)
    model, x, labels = (
        vgg(VGG16, 224, (4096, 4096, 1000)),
        torch.rand(batch, 3, 224, 224),
        torch.randint(0, 1000, (batch,)),
    )
    parameters = list(model.parameters())
    if variant == "channels-last":
        model, x = channels_last(model, x)
    elif variant == "compile":
        model = torch.compile(model, dynamic=False)

    def run():
        for parameter in parameters:
            parameter.grad = None
        functional.cross_entropy(model(x), labels).backward()

    return run


def lstm_both_ways(case, variant):
    """One layer over x [T, N, I]: forward, then backward to x, both weights and both biases."""
    steps, batch, inputs, cells = (int(part[1:]) for part in case.split("-"))
    lstm = nn.LSTM(inputs, cells)
    x = torch.randn(steps, batch, inputs, requires_grad=True)
    dy = torch.randn(steps, batch, cells) * 0.01

    def run():
        for leaf in (x, *lstm.parameters()):
            leaf.grad = None
        with torch.backends.mkldnn.flags(enabled=variant == "onednn"):
            lstm(x)[0].backward(dy)

    return run


class Captioner:
    """Image [3, 64, 64] -> feature [E]; words -> lstm0 -> [h, feature] -> lstm1 -> logits."""

    def __init__(self):
        self.encoder = vgg(SMALL_VGG, 64, (1024, E))
        self.embed, self.head = nn.Embedding(V, E), nn.Linear(H, V)
        self.lstm0, self.lstm1 = nn.LSTM(E, H), nn.LSTM(H + E, H)
        self.decoder = nn.ModuleList([self.embed, self.lstm0, self.lstm1, self.head])


def caption_step(case, variant):
    """Encoder (backward too if unfrozen), decoder both ways, clip to norm 10, SGD, momentum 0.9."""
    model, frozen = Captioner(), case == "frozen"
    images = torch.rand(N, 3, 64, 64)
    words, targets = torch.randint(0, V, (T, N)), torch.randint(0, V, (T * N,))
    encoder, loss = (
        model.encoder,
        lambda h: functional.cross_entropy(model.head(h).view(-1, V), targets),
    )
    if variant == "channels-last":
        encoder, images = channels_last(encoder, images)
    elif variant == "compile":  # the LSTMs stay with oneDNN: the compiler leaves them out
        encoder, loss = torch.compile(encoder, dynamic=False), torch.compile(loss, dynamic=False)
    trained = [*model.decoder.parameters(), *([] if frozen else model.encoder.parameters())]
    optimizer = torch.optim.SGD(trained, lr=0.01, momentum=0.9, fused=True)

    def run():
        optimizer.zero_grad(set_to_none=True)
        with torch.set_grad_enabled(not frozen):
            feature = encoder(images)
        h, _ = model.lstm0(model.embed(words))
        h, _ = model.lstm1(torch.cat([h, feature.expand(T, -1, -1)], 2))
        loss(h).backward()
        nn.utils.clip_grad_norm_(trained, 10.0)
        optimizer.step()

    return run


def lstm_step(model):
    """(words [B], features [B, E], state) -> (logits [B, V], state) by nn.LSTM over one step."""

    def step(words, features, state):
        h0, state0 = model.lstm0(model.embed(words)[None], state[0:2])
        h1, state1 = model.lstm1(torch.cat([h0[0], features], 1)[None], state[2:4])
        return model.head(h1[0]), (*state0, *state1)

    return step


def picture_gates(model, features):
    """What the features add to lstm1's gates at every step [B, 4H]; lrcn's encoder ends there."""
    return functional.linear(features, model.lstm1.weight_ih_l0[:, H:])


def cell_step(model):
    """The same by one product a cell: [x, h] with both weight matrices, biases summed. In place of
    the features it takes their part of the gates, which does not change from word to word."""

    class Step(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed, self.head, self.gates = model.embed, model.head, nn.ModuleList()
            for lstm, inputs in ((model.lstm0, E), (model.lstm1, H)):
                gate = nn.Linear(inputs + H, 4 * H)
                weights = [lstm.weight_ih_l0[:, :inputs], lstm.weight_hh_l0]
                gate.weight.copy_(torch.cat(weights, 1))
                gate.bias.copy_(lstm.bias_ih_l0 + lstm.bias_hh_l0)
                self.gates.append(gate)

        @staticmethod
        def cell(gates, c):
            i, f, g, o = gates.chunk(4, 1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            return torch.sigmoid(o) * torch.tanh(c), c

        def forward(self, words, picture, state):
            h0, c0 = self.cell(self.gates[0](torch.cat([self.embed(words), state[0]], 1)), state[1])
            h1, c1 = self.cell(self.gates[1](torch.cat([h0, state[2]], 1)) + picture, state[3])
            return self.head(h1), (h0, c0, h1, c1)

    return Step().eval()


def greedy(step, features, state):
    """The likeliest word T times over; words [T, B]."""
    words, chosen = torch.zeros(features.shape[0], dtype=torch.long), []
    for _ in range(T):
        logits, state = step(words, features, state)
        words = logits.argmax(1)
        chosen.append(words)
    return torch.stack(chosen)


def beam(step, features, state):
    """Beam search of width K over rows [B*K], image-major; (scores [B, K], back-pointers)."""
    batch, row_axis = features.shape[0] // K, state[0].dim() - 2
    words, history = torch.zeros(batch * K, dtype=torch.long), []
    scores = torch.full((batch, K), -1e9)
    scores[:, 0] = 0  # all beams start alike: only one may be continued
    first = torch.arange(0, batch * K, K)[:, None]
    for _ in range(T):
        logits, state = step(words, features, state)
        # The K best of each beam hold the K best of all: no need to order K*V candidates.
        best, candidates = functional.log_softmax(logits, 1).topk(K, 1)
        scores, picked = (best + scores.view(-1, 1)).view(batch, K * K).topk(K, 1)
        rows = (picked // K + first).view(-1)
        words = candidates.view(batch, K * K).gather(1, picked).view(-1)
        state = tuple(part.index_select(row_axis, rows) for part in state)
        history.append((rows, words))
    return scores, history


def decode(case, variant):
    """T words for each of B given image features (no encoder); no caption ends early."""
    search, rows = (
        (beam, batch_of(case) * K) if case.startswith("beam5") else (greedy, batch_of(case))
    )
    with torch.no_grad():
        model, features = Captioner(), torch.randn(rows // (K if search is beam else 1), E)
        features = features.repeat_interleave(K, 0) if search is beam else features
        step = lstm_step(model)
        if variant != "lstm":
            step, features = cell_step(model), picture_gates(model, features)
        state = (torch.zeros(*([1] if variant == "lstm" else []), rows, H),) * 4
        if variant == "compile":
            step = torch.compile(step, dynamic=False, options={"freezing": True})

    def run():
        with torch.no_grad() if variant == "compile" else torch.inference_mode():
            return search(step, features, state)

    return run


def import_process(case, variant):
    return lambda: subprocess.run([sys.executable, "-c", "import torch"], check=True)


def build(bench, case, variant):
    """The function to time for a case of CASES (memory: the training step whose peak is read)."""
    if bench == "vgg16" and case.startswith("forward"):
        return vgg16_forward(case, variant)
    builders = {
        "vgg16": vgg16_train,
        "memory": vgg16_train,
        "lstm": lstm_both_ways,
        "caption-step": caption_step,
        "decode": decode,
        "import": import_process,
    }
    return builders[bench](case, variant)
