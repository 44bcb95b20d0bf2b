import subprocess
import sys


def test_the_model_needs_neither_django_nor_a_database():
    script = (
        "import sys; from apps.engine.tiny import generation, make_base, training; "
        "sys.exit('django' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", script]).returncode == 0
