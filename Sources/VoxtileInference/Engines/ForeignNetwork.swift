/// A network in a form that no engine here runs, known by its name or by being a folder.
enum ForeignNetwork: Hashable {
  case folder
  case file(String)

  /// Endings of files, and what they are.
  private static let endings = [
    ("pth.tar", "a checkpoint of PyTorch"), ("pth", "a checkpoint of PyTorch"),
    ("pt", "a checkpoint of PyTorch"),
    ("ckpt", "a checkpoint"), ("safetensors", "a file of weights"), ("h5", "a network of Keras"),
    ("keras", "a network of Keras"), ("pb", "a network of TensorFlow"),
    ("tflite", "a network of TensorFlow Lite"),
    ("pkl", "a pickle of Python"), ("zip", "an archive"), ("engine", "a plan of TensorRT"),
  ]

  /// What is at a path, or `nil` where it may be a network in ONNX.
  init?(_ path: String) {
    if OperatingSystem.isFolder(path) {
      self = .folder
      return
    }
    let name = path.lowercased()
    guard let (_, words) = Self.endings.first(where: { name.hasSuffix("." + $0.0) }) else { return nil }
    self = .file(words)
  }

  /// What it is, after "is".
  var words: String {
    switch self {
    case .folder: "a folder"
    case .file(let words): words
    }
  }
}
