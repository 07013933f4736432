import Voxtile

@testable import VoxtileFormats

/// Tests of headers that differ in a few fields.
protocol NRRDHeaderTests {}

extension NRRDHeaderTests {
  /// A header of 5 x 4 x 3 voxels of int16, with fields added or replaced; a replaced field of `nil` is left out.
  func header(_ changes: [(String, String?)] = [], pairs: [String] = []) -> String {
    var lines: [(String, String?)] = [
      ("type", "short"), ("dimension", "3"), ("space", "left-posterior-superior"), ("sizes", "5 4 3"),
      ("space directions", "(1,0,0) (0,2,0) (0,0,3)"), ("kinds", "domain domain domain"),
      ("endian", "little"),
      ("encoding", "raw"), ("space origin", "(10,20,30)"),
    ]
    for (key, value) in changes {
      if let index = lines.firstIndex(where: { $0.0 == key }) {
        lines[index].1 = value
      } else {
        lines.append((key, value))
      }
    }
    return "NRRD0005\n" + lines.compactMap { key, value in value.map { "\(key): \($0)\n" } }.joined()
      + pairs.map { $0 + "\n" }.joined() + "\n"
  }

  func info(
    _ changes: [(String, String?)] = [], pairs: [String] = [], voxels: Int = 120
  ) throws -> VolumeInfo {
    try TextHeaderTestFiles.open(header(changes, pairs: pairs), "a.nrrd", voxels: voxels)
  }
}
