import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@testable import VoxtileReport

@Suite("Overlays of a report")
struct OverlayDataTests {
  private static let extent = Extent(width: 16, height: 14, depth: 12)

  /// A report with files that `make` writes into a folder and names as overlays.
  private func data(_ make: (_ folder: String, _ request: inout ReportRequest) throws -> Void) throws
    -> ReportData
  {
    try withTemporaryFolder { folder in
      let image = try Volume(
        extent: Self.extent, voxels: Self.extent.positions.map { Int16(9 * $0.x + $0.z) })
      try image.write(to: "\(folder)/a.nii.gz")
      var request = ReportRequest(
        image: "\(folder)/a.nii.gz",
        grid: try PatchGrid(over: Self.extent, patch: Extent(8), overlap: .voxels(2)))
      try make(folder, &request)
      return try ReportData(request)
    }
  }

  private func write(_ folder: String, _ name: String, channels: Int, scale: Float = 1) throws {
    var random = SplitMix64(seed: 11)
    let values = (0..<channels * Self.extent.voxelCount).map { _ in
      scale * Float.random(in: 0...0.9, using: &random)
    }
    try Volume(extent: Self.extent, channels: channels, voxels: values).write(to: "\(folder)/\(name)")
  }

  @Test("probabilities have channels with the names of labels, and reach from 0 to 1 in steps of 0.01")
  func probabilities() throws {
    let data = try data { folder, request in
      try write(folder, "p.nii.gz", channels: 3)
      try writeFile(Array("0 background\n1 liver\n".utf8), to: "\(folder)/p.nii.txt")
      request.overlays = ["\(folder)/p.nii.gz"]
    }
    let layers = data.layers.filter { $0.role == .overlay }
    #expect(layers.map(\.name) == ["p.nii.gz, background", "p.nii.gz, liver", "p.nii.gz, channel 3 of 3"])
    #expect(layers.map(\.channel?.name) == ["background", "liver", "channel 3 of 3"])
    #expect(
      layers.map(\.channel?.index) == [0, 1, 2] && layers.allSatisfy { $0.channel?.file == "p.nii.gz" })
    for layer in layers {
      #expect(layer.kind == .intensity && layer.window == [0, 1] && !layer.isExact)
      #expect(layer.levels == (0...100).map { Double($0) / 100 })
    }
    var named = data
    named.show(
      .init(model: "m", labelNames: [.init(label: 1, name: "other"), .init(label: 2, name: "spleen")]))
    #expect(
      named.layers.filter { $0.role == .overlay }.map(\.channel?.name) == ["background", "liver", "spleen"])
    #expect(named.layers.last?.name == "p.nii.gz, spleen" && named.layers[0].name == "image")
  }

  @Test("a channel of probabilities that is 0 everywhere is no label map")
  func emptyChannel() throws {
    let data = try data { folder, request in
      let voxels = (0..<2).flatMap { channel in
        Self.extent.positions.map { channel == 0 ? Float($0.x) / 20 : 0 }
      }
      try Volume(extent: Self.extent, channels: 2, voxels: voxels).write(to: "\(folder)/p.nii.gz")
      request.overlays = ["\(folder)/p.nii.gz"]
    }
    let layers = data.layers.filter { $0.role == .overlay }
    #expect(layers.map(\.kind) == [.intensity, .intensity] && layers.allSatisfy { $0.labels == nil })
  }

  @Test("other values keep their own range, and an image its percentiles")
  func intensities() throws {
    let data = try data { folder, request in
      try write(folder, "big.nii.gz", channels: 1, scale: 50)
      request.overlays = ["\(folder)/big.nii.gz"]
      try write(folder, "b.nii.gz", channels: 1)
      request.image = "\(folder)/b.nii.gz"
    }
    #expect(data.layers[0].levels.count > 150 && data.layers[0].window[1] < 0.95)
    #expect(data.layers[1].window[1] > 40 && data.layers[1].channel == nil)
  }

  @Test(
    "of many channels, the first 16 of an overlay are shown", arguments: [(4, 4, 4), (5, 1, 5), (17, 1, 16)])
  func channels(count: Int, ofImage: Int, ofOverlay: Int) throws {
    let data = try data { folder, request in
      try write(folder, "b.nii.gz", channels: count)
      request.image = "\(folder)/b.nii.gz"
      try write(folder, "p.nii.gz", channels: count)
      request.overlays = ["\(folder)/p.nii.gz"]
    }
    #expect(data.layers.count { $0.role == .base } == ofImage)
    let channels = data.layers.filter { $0.role == .overlay }.compactMap(\.channel)
    #expect(channels.map(\.index) == Array(0..<ofOverlay) && channels.allSatisfy { $0.count == count })
  }

  @Test(
    "each overlay has its own table, or all have one, and another number is refused before images are read")
  func tables() throws {
    let tables = ["1 first 10 20 30 0\n", "1 second 40 50 60 0\n"]
    func names(_ count: Int) throws -> [[String?]] {
      let data = try data { folder, request in
        for (index, table) in tables.enumerated() {
          let labels = try Volume(
            extent: Self.extent, voxels: Self.extent.positions.map { UInt8($0.x > 5 ? 1 : 0) })
          try labels.write(to: "\(folder)/l\(index).nii.gz")
          try writeFile(Array(table.utf8), to: "\(folder)/t\(index)")
        }
        request.overlays = ["\(folder)/l0.nii.gz", "\(folder)/l1.nii.gz"]
        request.labelTables = (0..<count).map { "\(folder)/t\(min($0, 1))" }
      }
      return data.layers.dropFirst().map { ($0.labels ?? []).filter { $0.value == 1 }.map(\.name) }
    }
    #expect(try names(0) == [[nil], [nil]])
    #expect(try names(1) == [["first"], ["first"]])
    #expect(try names(2) == [["first"], ["second"]])
    let error = #expect(throws: VoxtileError.self) { try names(3) }
    #expect(
      error?.code == .invalidOption && error?.message.contains("3 tables of labels for 2 overlays") == true)
  }
}
