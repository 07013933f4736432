"""Writes the network of a MONAI bundle as ONNX, with its settings, and prints the command that predicts a scan with it.

    python export.py spleen_ct_segmentation spleen.onnx

Needs torch, monai and onnx. The folder is a bundle: configs/metadata.json, configs/inference.json (or .yaml) and models/model.pt.
The file carries the normalization, orientation, order of axes, size of patches, size of voxels and names of the labels. What it
cannot carry are options of the command that is printed, each with its reason.

What is not known here, or has no exact equal, is named. Where the result would be quietly wrong, nothing is written and the exit
status is 1, unless `--accept NAME` says that you know it.

A bundle's configuration is code: making its network runs modules of the bundle, and an expression (`$...`) that a setting needs
is evaluated. Export bundles that you trust. Weights are loaded as tensors only.
"""

import argparse
import pathlib
import shlex

from bundle import Configuration, find_configuration, needs_monai, read
from plan import by_x
from translation import translate_bundle


def numbers(text):
    return [int(part) for part in text.split(",")]


def sizes(text):
    return tuple(int(part) for part in text.split("x"))


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle", type=pathlib.Path)
    parser.add_argument("output", type=pathlib.Path, metavar="output.onnx")
    parser.add_argument("--config", default="inference", help="the name of the configuration (default: inference)")
    parser.add_argument("--network", help="the item that is the network (default: network_def, else network)")
    parser.add_argument("--weights", type=pathlib.Path, help="a state dictionary of torch (default: models/model.pt)")
    parser.add_argument("--random-weights", action="store_true", help="for tries: the weights that the network begins with")
    parser.add_argument("--patch", type=sizes, metavar="96x96x96", help="in place of roi_size, x first")
    parser.add_argument("--channels", type=numbers, metavar="1,0,2", help="write the network's channels in this order; "
                        "later ones win where masks overlap")
    parser.add_argument("--values", type=numbers, metavar="2,1,4", help="the label of each channel, in that order")
    parser.add_argument("--accept", action="append", default=[], metavar="NAME", help="go on though this has no exact equal")
    parser.add_argument("--plan", action="store_true", help="only say what would be done; needs no MONAI, unless a setting is an "
                        "expression or a macro")
    return parser.parse_args()


def find_weights(options):
    if options.random_weights:
        return None
    path = options.weights or options.bundle / "models" / "model.pt"
    if not path.is_file():
        raise SystemExit(f"there is no {path}; a bundle's weights are loaded apart, see its large_files.yml. --weights names "
                         "another file, and --random-weights goes without, for tries")
    return path


def lazy_parser(bundle, path):
    """MONAI's parser, made when it is first needed."""
    made = []

    def get():
        if not made:
            from network import open_parser
            made.append(open_parser(bundle, path))
        return made[0]
    return get


def say(plan, model, accepted):
    print("\nThe file says of itself:")
    for key, value in plan.metadata().items():
        print(f"  {key:20} {value}")
    intensity = plan.intensity
    if (intensity.scale, intensity.offset) != (1, 0):
        print(f"  and multiplies by {intensity.scale:g} and adds {intensity.offset:g} before its first layer")
    print("\nPredict with:\n  " + shlex.join(plan.command(model)))
    for flag, reason in plan.options:
        print(f"    {flag:28} {reason}")
    for flag, reason in plan.cleaning:
        print(f"  then: voxtile convert labels.nii.gz cleaned.nii.gz {flag}    # {reason}")
    refused = plan.refused(accepted)
    shown = [finding for finding in plan.findings if finding not in refused]
    if shown:
        print("\nNot the same as in MONAI:")
        for finding in shown:
            print(f"  {finding.name}: {finding.text}" + (" (accepted)" if finding.is_fatal else ""))


def main():
    options = parse()
    path = find_configuration(options.bundle, options.config)
    metadata = read(find_configuration(options.bundle, "metadata"))
    parser = lazy_parser(options.bundle, path)

    def evaluate(expression):
        from network import evaluate_with
        return evaluate_with(parser())(expression)

    items = read(path)
    if needs_monai(items):
        from network import resolved_items
        items = resolved_items(parser())
    configuration = Configuration(items, evaluate)
    plan = translate_bundle(metadata, configuration, options.patch, options.channels, options.values)
    say(plan, options.output, options.accept)
    refused = plan.refused(options.accept)
    if refused:
        print("\nNothing is written, since the result would not be MONAI's, and nothing would say so:")
        for finding in refused:
            print(f"  {finding.name}: {finding.text}")
        names = dict.fromkeys(finding.name for finding in refused)
        raise SystemExit("If you know better: " + " ".join(f"--accept {shlex.quote(name)}" for name in names))
    if not options.plan:
        write(options, plan, parser(), configuration)


def write(options, plan, parser, configuration):
    from network import Folded, check, load_network, write_network
    if plan.patch is None:
        raise SystemExit("the size of a patch is not known; give it as --patch")
    name = options.network or ("network_def" if "network_def" in configuration else "network")
    network = load_network(parser, name, find_weights(options))
    network = Folded(network, plan.intensity.scale, plan.intensity.offset, options.channels).eval()
    write_network(network, plan.channels, plan.patch, plan.metadata(), options.output)
    found = check(network, plan.channels, plan.patch, options.output)
    if plan.label_names and found != len(plan.label_names):
        raise SystemExit(f"the network has {found} channels of output, and metadata.json names {len(plan.label_names)}")
    print(f"{options.output}: {plan.channels} channels in, {found} out, patches of {by_x(plan.patch)}")


if __name__ == "__main__":
    main()
