import Voxtile
import VoxtileFormats
import VoxtileStore

/// Builds the layer of one image or channel while the image is read.
struct LayerBuilder {
  /// Whether the values are labels; `nil` to detect it from the values.
  private let isLabelMap: Bool?
  private let isColor: Bool
  private let channel: Int
  private let spacing: PerAxis<Double>
  private let extent: Extent
  private var pictures: [PictureBuilder]
  private var test = LabelTest()
  private var labels = LabelCount()

  /// - Parameters:
  ///   - info: the description of the image.
  ///   - channel: the channel to show; ignored for color images, whose channels are shown together.
  ///   - voxels: the maximum number of voxels in the picture.
  ///   - isLabelMap: whether values are labels; `nil` to detect it from the file and its values.
  init(of info: VolumeInfo, channel: Int, voxels: Int, isLabelMap: Bool?) {
    isColor = info.isColor
    self.channel = isColor ? 0 : channel
    self.isLabelMap = isLabelMap ?? (info.isLabelMap ? true : isColor ? false : nil)
    let spacing = info.metadata.spacing
    self.spacing = spacing
    extent = info.extent
    let planes = isColor ? 3 : 1
    let size = PictureSize.fitting(info.extent, spacing: spacing, voxels: max(1, voxels / planes))
    pictures = (0..<planes).map { _ in PictureBuilder(of: info.extent, size: size) }
    if self.isLabelMap == false { labels.stop() }
  }

  /// The channels of the image that the layer uses, in order.
  var channels: Range<Int> { channel..<channel + pictures.count }

  /// Whether the values seen so far look like labels.
  var looksLikeLabels: Bool { isLabelMap ?? (labels.tallies != nil && test.looksLikeLabels) }

  /// Adds a box of the image with all its channels.
  mutating func add(_ box: Volume<Double>, at region: Region) throws {
    let count = region.voxelCount
    for (plane, channel) in channels.enumerated() {
      pictures[plane].add(box.voxels, from: channel * count, at: region)
    }
    guard labels.tallies != nil else { return }
    let values = box.voxels[channel * count..<(channel + 1) * count]
    if isLabelMap == nil, !test.isDecided {
      test.add(try Volume(extent: region.extent, voxels: Array(values)))
      if test.isDecided, !test.looksLikeLabels {
        labels.stop()
        return
      }
    }
    labels.add(values, at: region)
  }

  /// Returns the finished layer, which has no name yet.
  ///
  /// - Parameters:
  ///   - role: whether the layer is a base image or an overlay.
  ///   - colorScale: the value of full brightness, for color images.
  ///   - areLabels: whether all channels of the image look like labels.
  func layer(role: ReportData.Layer.Role, colorScale: Double, areLabels: Bool) -> ReportData.Layer {
    let size = pictures[0].extent.sizes
    let step = size.map { axis, size in self.spacing[axis] * Double(extent[axis]) / Double(size) }.all
    let isWhole = pictures[0].extent == extent
    if isColor {
      let bytes = pictures.flatMap { picture in
        picture.means.map { UInt8(nearest: $0 * 255 / colorScale) }
      }
      return ReportData.Layer(
        name: "", kind: .color, role: role, extent: size.all, isExact: isWhole, spacing: step, levels: [],
        window: [0, colorScale],
        bytes: bytes)
    }
    let values = areLabels ? pictures[0].labels : pictures[0].means
    var levels = areLabels ? PictureLevels(labels: values) : PictureLevels(of: values)
    if !areLabels, role == .overlay { levels.takeProbabilities() }
    return ReportData.Layer(
      name: "", kind: areLabels ? .labels : .intensity, role: role, extent: size.all,
      isExact: isWhole && levels.isExact,
      spacing: step,
      levels: levels.values, window: [levels.window.lowerBound, levels.window.upperBound],
      labels: areLabels ? volumes : nil, bytes: levels.bytes(of: values))
  }

  private var volumes: [ReportData.LabelVolume]? {
    // 1 ml = 1000 mm³.
    let voxelMilliliters = abs(spacing.all.reduce(1, *)) / 1000
    guard let tallies = labels.tallies else { return nil }
    let places = LabelPlaces.places(of: tallies, in: pictures[0], spacing: spacing)
    return tallies.map { value, tally in
      ReportData.LabelVolume(
        value: value, voxels: tally.voxels, milliliters: Double(tally.voxels) * voxelMilliliters,
        place: places[value].flatMap { place in
          // Patches reach beyond the image.
          zip(place, extent.sizes.all).allSatisfy { $0 >= 0 && $0 < $1 } ? place : nil
        })
    }.sorted { ($1.voxels, $0.value) < ($0.voxels, $1.value) }
  }
}

extension VolumeInfo {
  /// Whether the first three channels are red, green and blue.
  var isColor: Bool {
    (channels == 3 || channels == 4) && format?.channelsAreColor(self) == true
  }

  /// The value of full brightness in a color image.
  package var colorScale: Double { scalarType == .uint16 ? 65535 : 255 }
}
