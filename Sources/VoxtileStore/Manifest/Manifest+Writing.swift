import Voxtile
import VoxtileFormats

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension Manifest {
  /// The manifest as JSON, with sorted keys.
  func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    do {
      return try encoder.encode(document) + Data("\n".utf8)
    } catch {
      // JSON has no numbers that are not finite, and the document has nothing else that could fail.
      throw VoxtileError(
        .malformedFile, "has an affine or a scaling that is not finite; repair its header",
        underlying: error)
    }
  }

  private var document: Document {
    let needed = required
    return Document(
      // A program that knows version 1 only reads what it understands, and refuses the rest.
      version: needed.isEmpty ? 1 : 2, requires: needed.isEmpty ? nil : needed.map(\.rawValue),
      source: Document.Source(
        name: source.name, extent: source.extent.sizes.all, channels: source.channels,
        scalarType: source.scalarType, scaling: source.scaling, isLabelMap: source.isLabelMap,
        palette: source.palette?.map { [$0.red, $0.green, $0.blue] + ($0.alpha == 255 ? [] : [$0.alpha]) },
        affine: source.metadata.affine.rows,
        header: source.metadata.header.map { .init(format: $0.format, bytes: Data($0.bytes)) }),
      grid: Document.Grid(
        patch: grid.settings.patch.sizes.all,
        overlap: Axis.allCases.map { axis in
          (try? grid.settings.overlap[axis].voxels(patch: grid.settings.patch[axis], axis: axis)) ?? 0
        },
        edge: grid.settings.edge.all.map(\.description), padding: grid.settings.padding.description,
        order: grid.settings.order),
      fileExtension: fileExtension, fileFormat: fileFormat, fileSuffix: fileSuffix.isEmpty ? nil : fileSuffix,
      values: values.map(Document.Values.init),
      patches: zip(grid, entries).map { patch, entry in
        Document.Entry(
          index: patch.index,
          origin: Axis.allCases.map { patch.region.origin[$0] },
          extent: patch.region.extent.sizes.all, file: entry.file,
          checksum: entry.checksum.description, axes: entry.axes == .asInImage ? nil : entry.axes.names)
      })
  }
}

/// The manifest as it stands in the file; every field is described in the guide.
private struct Document: Encodable {
  struct Source: Encodable {
    var name: String
    var extent: [Int]
    var channels: Int
    var scalarType: ScalarType
    var scaling: VolumeInfo.Scaling?
    var isLabelMap: Bool
    var palette: [[UInt8]]?
    var affine: [[Double]]
    var header: Header?
  }
  struct Header: Encodable {
    var format: String
    var bytes: Data
  }
  struct Grid: Encodable {
    var patch: [Int]
    var overlap: [Int]
    var edge: [String]
    var padding: String
    var order: PatchOrder
  }
  struct Values: Encodable {
    var scalarType: ScalarType
    var scaling: VolumeInfo.Scaling?
    var steps: [[[String: [Double]]]]

    init(_ map: ValueMap) {
      scalarType = map.scalarType
      scaling = map.scaling
      steps = map.steps.map { steps in
        steps.map { step in
          switch step {
          case .clip(let low, let high): ["clip": [low, high]]
          case .scale(let slope, let intercept): ["scale": [slope, intercept]]
          }
        }
      }
    }
  }
  struct Entry: Encodable {
    var index: Int
    var origin: [Int]
    var extent: [Int]
    var file: String
    var checksum: String
    var axes: [String]?
  }
  var version: Int
  var requires: [String]?
  var source: Source
  var grid: Grid
  var fileExtension: String
  var fileFormat: String?
  var fileSuffix: String?
  var values: Values?
  var patches: [Entry]
}
