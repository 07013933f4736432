/// How the files of chunks are named.
struct ChunkKeys: Hashable, Sendable {
  /// What stands between the numbers.
  enum Separator: String, Sendable {
    case slash = "/"
    case dot = "."
  }

  /// Whether a `c` and a separator come first, as by default in Zarr v3.
  let hasPrefix: Bool
  let separator: Separator

  /// The path of a chunk in the folder of its array, such as `c/0/3/1` or `0.3.1`.
  func path(of chunk: [Int]) -> String {
    ((hasPrefix ? ["c"] : []) + chunk.map { "\($0)" }).joined(separator: separator.rawValue)
  }
}
