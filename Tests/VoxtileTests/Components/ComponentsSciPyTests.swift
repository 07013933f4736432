import Foundation
import Testing
import VoxtileTestSupport

@testable import Voxtile

private let python = OtherProgram.python(with: "scipy.ndimage, numpy")

@Suite("Components are SciPy's", .enabled(if: python != nil, "needs a Python with scipy"))
struct ComponentsSciPyTests {
  private static let script = """
    import sys, json, numpy, scipy.ndimage as ndimage
    folder = sys.argv[1]
    for case, (shape, rank) in enumerate(json.load(open(f"{folder}/cases.json"))):
        labels = numpy.fromfile(f"{folder}/{case}.labels", numpy.int16).reshape(shape)
        structure = ndimage.generate_binary_structure(3, rank)
        ndimage.label(labels > 0, structure)[0].astype(numpy.int32).tofile(f"{folder}/{case}.joined")
        apart = numpy.zeros(shape, numpy.int32)
        for value in (1, 2, 3):
            found, count = ndimage.label(labels == value, structure)
            apart[found > 0] = found[found > 0] + 1000000 * value
        apart.tofile(f"{folder}/{case}.apart")
    """

  @Test("numbers and voxels, on 200 random volumes, labels joined and each for itself")
  func numbers() throws {
    try withTemporaryFolder { folder in
      var cases: [(labels: Volume<Int16>, connectivity: Connectivity, random: SplitMix64)] = []
      for (index, start) in SplitMix64.cases(200, from: 730).enumerated() {
        var random = start
        let labels = try LabelCase.random(sides: 1...14, using: &random)
        cases.append((labels, Connectivity.allCases[index % 3], start))
        try labels.voxels.withUnsafeBytes { try writeFile(Array($0), to: "\(folder)/\(index).labels") }
      }
      let shapes = cases.map { labels, connectivity, _ in
        let extent = labels.extent
        let rank = 1 + (Connectivity.allCases.firstIndex(of: connectivity) ?? 0)
        return "[[\(extent.depth), \(extent.height), \(extent.width)], \(rank)]"
      }
      try writeFile(Array("[\(shapes.joined(separator: ","))]".utf8), to: "\(folder)/cases.json")
      _ = try OtherProgram.output(of: #require(python), ["-c", Self.script, folder])
      for (index, (labels, connectivity, random)) in cases.enumerated() {
        func map(joins: Bool) throws -> (Components, [Int]) {
          let settings = ComponentSettings(joinsValues: joins, connectivity: connectivity)
          let components = try Components(of: VolumeInMemory(labels), settings: settings, keepsMap: true)
          return (components, try components.map(as: Int32.self).voxels.map { Int($0) })
        }
        #expect(try map(joins: true).1 == numbers("\(folder)/\(index).joined"), "\(random)")
        let (components, apart) = try map(joins: false)
        // Each for itself: SciPy counts the components of each label from 1.
        var counts: [Int: Int] = [:]
        let names = components.map { component in
          counts[component.value, default: 0] += 1
          return 1_000_000 * component.value + (counts[component.value] ?? 0)
        }
        #expect(
          try apart.map { $0 == 0 ? 0 : names[$0 - 1] } == numbers("\(folder)/\(index).apart"), "\(random)")
      }
    }
  }

  private func numbers(_ path: String) throws -> [Int] {
    try fileBytes(path).withUnsafeBytes { bytes in
      (0..<bytes.count / 4).map { Int(bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Int32.self)) }
    }
  }
}
