import Voxtile
import VoxtileFormats

/// What a file does not hold of the image that it was converted from.
struct ConversionLosses {
  /// What a person may miss.
  private(set) var warnings: [String] = []
  /// What is only said.
  private(set) var notes: [String] = []

  /// - Parameters:
  ///   - image: the image as it was read.
  ///   - selected: what was to be written of it.
  ///   - written: the file as it is read.
  ///   - path: its path, which tells its format.
  init(of image: VolumeInfo, selected: VolumeInfo, in written: VolumeInfo, at path: String) {
    let title = ImageFormats.registry.format(forName: path)?.title ?? ""
    sayPlace(image.metadata.place, written.metadata.place, title)
    if selected.channels == image.channels, written.channels > 1 { sayChannels(image, written, title) }
    if selected.palette != nil, written.palette == nil {
      warnings.append("\(title) cannot hold a palette, so the values are indices whose colors are lost")
    } else if selected.isLabelMap, !written.isLabelMap {
      notes.append("\(title) cannot say that values are labels")
    }
    if selected.wereLabels {
      notes.append("the values were labels, and the file no longer says that they are")
    }
  }

  private mutating func sayPlace(
    _ place: VolumeMetadata.Place, _ written: VolumeMetadata.Place, _ title: String
  ) {
    switch (place, written) {
    case (.world, .spacing):
      warnings.append(
        "\(title) holds the size of a voxel, but not where an image lies, so its position is lost")
    case (.world, .unknown), (.spacing, .unknown):
      warnings.append(
        "\(title) cannot say where an image lies, so the position and the size of a voxel are lost")
    default: break
    }
  }

  /// What is no longer said of channels: that they are points of time and how far apart, components, or several axes.
  private mutating func sayChannels(_ image: VolumeInfo, _ written: VolumeInfo, _ title: String) {
    let (before, after, count) = (image.channelMeaning, written.channelMeaning, image.channels)
    let words = before.words(count)
    switch (before, after) {
    case (.unknown, .colors):
      notes.append(
        "\(title) shows \(count) channels as colors; choose one with --channel where they are something else")
    case (.unknown, _): break
    case (.time(let step), .time(let found)):
      if let step, found.map({ abs($0 - step) > 1e-5 * step }) ?? true {
        warnings.append(
          "\(title) does not hold the time between time points, which is \(Console.rounded(step)) s")
      }
    case (.axes(let sizes), _) where after != before:
      let axes = sizes.map(String.init).joined(separator: " x ")
      warnings.append("\(title) holds the axes of \(axes) values of each voxel as one of \(count) channels")
    case (.colors, _) where after != before:
      notes.append("\(title) cannot say that channels are colors")
    default:
      if before != after { warnings.append("\(title) cannot say that channels are \(words)") }
    }
  }
}
