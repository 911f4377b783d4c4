"""`fmbench list`: the metrics, and the pages of the documentation about them."""

from __future__ import annotations

import click

import fusion_metrics
from benchmark.cli.group import main
from benchmark.cli.screen import print_table, show_progress
from fusion_metrics.scripts import list_scripts


@main.command("list", short_help="List the metrics: direction, bounds, and what they see.")
@click.option("--variants", is_flag=True, help="Every variant, not only the published definitions.")
@click.option("--scripts", is_flag=True, help="The scripts whose tables `--metrics NAME` prints.")
@click.option(
    "--page",
    metavar="PAGE",
    help="Write a page of the documentation instead: metrics, which-script, scripts, or scripts/NAME for a script.",
)
def list_command(variants: bool, scripts: bool, page: str | None) -> None:
    """List the metrics: name, direction, bounds and what each computes."""
    from benchmark.pages.metrics import metric_table, metrics_page
    from benchmark.pages.scripts import page_of
    from benchmark.pages.which_script import script_table, which_script_page

    if page is not None:
        tried = {"metrics": metrics_page, "which-script": which_script_page}
        if page.partition("/")[0] == "scripts":
            click.echo(page_of(page), nl=False)
        elif page in tried:
            specs = fusion_metrics.list_metrics(variants=True)
            with show_progress("trying out", len(specs)) as advance:
                click.echo(tried[page](specs, lambda: advance(1)), nl=False)
        else:
            raise click.BadParameter(f"no page {page!r}; there are {', '.join(tried)}, scripts and scripts/NAME")
        return
    if scripts:
        print_table(script_table(list_scripts()))
        return
    print_table(metric_table(fusion_metrics.list_metrics(variants=variants)))
